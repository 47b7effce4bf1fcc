"""Counting requests: availability and latency, in windows of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .budget import Events
from .event import Event

WINDOW_S = 300
THRESHOLD_MS = 250.0


@dataclass(slots=True)
class Counts:
    """Requests to user routes; ``timed`` of them have a known duration, ``slow`` exceed it."""

    total: int = 0
    good: int = 0
    timed: int = 0
    slow: int = 0

    # region: add
    def add(self, event: Event, *, threshold_ms: float) -> None:
        """Count one request. 4xx are good: the client's fault; the threshold itself is fast."""
        self.total += 1
        self.good += event.status < 500
        if event.duration_ms is not None:
            self.timed += 1
            self.slow += event.duration_ms > threshold_ms

    # endregion

    def __iadd__(self, other: Counts) -> Counts:
        self.total += other.total
        self.good += other.good
        self.timed += other.timed
        self.slow += other.slow
        return self

    @property
    def availability_events(self) -> Events:
        """Requests answered without a server error, of all."""
        return Events(self.good, self.total)

    @property
    def latency_events(self) -> Events:
        """Requests within the threshold, of those with a known duration."""
        return Events(self.timed - self.slow, self.timed)

    @property
    def availability(self) -> float | None:
        """Good over all; ``None`` without traffic, never 1."""
        return self.good / self.total if self.total else None

    @property
    def latency(self) -> float | None:
        """Fast over timed; ``None`` where no duration is known."""
        return (self.timed - self.slow) / self.timed if self.timed else None


def window_of(ts_ms: int, window_s: int) -> int:
    """The start of an instant's window, seconds since the epoch; a multiple of ``window_s``."""
    return ts_ms // 1000 // window_s * window_s


def rolling(windows: Mapping[int, Counts], length: timedelta | None, *, window_s: int) -> Counts:
    """The sum over the newest windows that together span ``length``; all of them for ``None``.

    The end is the end of the newest window that has traffic: a log says nothing about the time
    after its last line.
    """
    total = Counts()
    if not windows:
        return total
    first = None if length is None else max(windows) + window_s - length // timedelta(seconds=1)
    for start, counts in windows.items():
        if first is None or start >= first:
            total += counts
    return total


@dataclass(slots=True)
class Timeline:
    """Counts for each window of time, forgetting what is older than ``keep``.

    Memory is bounded by ``keep / window_s``, not by the number of requests.
    """

    threshold_ms: float = THRESHOLD_MS
    window_s: int = WINDOW_S
    keep: timedelta | None = None
    windows: dict[int, Counts] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Count one request, unless its route is internal."""
        if event.is_internal:
            return
        start = window_of(event.ts_ms, self.window_s)
        counts = self.windows.get(start)
        if counts is None:
            counts = self.windows[start] = Counts()
            self._forget()
        counts.add(event, threshold_ms=self.threshold_ms)

    def extend(self, events: Iterable[Event]) -> None:
        """Count many."""
        for event in events:
            self.add(event)

    def over(self, length: timedelta | None) -> Counts:
        """The sum over the newest ``length``."""
        return rolling(self.windows, length, window_s=self.window_s)

    def _forget(self) -> None:
        if self.keep is None:
            return
        most = self.keep // timedelta(seconds=self.window_s) + 1
        if len(self.windows) > 2 * most:
            oldest = max(self.windows) - self.keep // timedelta(seconds=1)
            self.windows = {s: c for s, c in self.windows.items() if s >= oldest}
