"""What the commands count, in one pass over the logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .event import Event, rfc3339
from .histogram import Latency
from .parse import parse_line
from .read import lines
from .sli import THRESHOLD_MS, Counts, Timeline


@dataclass(slots=True)
class Log:
    """User requests in windows of time, their durations, rejects by reason.

    Args:
        timeline: counts by window; keeps what the longest question needs.
        window: how much of the newest part the figures are over; ``None`` is all.
    """

    timeline: Timeline
    window: timedelta | None = None
    latency: Latency = field(default_factory=Latency)
    rejects: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    last_ms: int | None = None

    @property
    def counts(self) -> Counts:
        """The counts over the window."""
        return self.timeline.over(self.window)

    def add(self, event: Event) -> None:
        """Count one request, unless its route is internal."""
        if event.is_internal:
            return
        at = event.ts_ms
        self.first_ms = at if self.first_ms is None else min(at, self.first_ms)
        self.last_ms = at if self.last_ms is None else max(at, self.last_ms)
        self.timeline.add(event)
        if event.duration_ms is not None:
            self.latency.add(event.duration_ms)

    def span(self) -> dict[str, Any]:
        """First and last request of the log, and the window that figures are over."""
        return {
            "from": None if self.first_ms is None else rfc3339(self.first_ms),
            "to": None if self.last_ms is None else rfc3339(self.last_ms),
            "window_s": None if self.window is None else int(self.window.total_seconds()),
            "rejected": self.rejects.total(),
        }


def read_log(
    sources: Iterable[str],
    *,
    threshold_ms: float = THRESHOLD_MS,
    window: timedelta | None = None,
    longest: timedelta = timedelta(0),
    keep: Callable[[Event], bool] | None = None,
) -> Log:
    """Count logs in one pass and constant memory.

    Args:
        sources: paths, or ``-``.
        threshold_ms: the slowest that is not slow, in milliseconds.
        window: only the newest part, ending at the newest request; ``None`` for all.
        longest: the longest other question to be asked of the timeline, such as a burn window.
        keep: which events count; all without it.

    Raises:
        LogReadError: a log cannot be read to its end.
    """
    remember = None if window is None else max(window, longest)
    log = Log(Timeline(threshold_ms=threshold_ms, keep=remember), window)
    for source in sources:
        for line in lines(source):
            result = parse_line(line)
            if isinstance(result, str):
                log.rejects[result] += 1
            elif keep is None or keep(result):
                log.add(result)
    return log
