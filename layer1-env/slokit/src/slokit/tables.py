"""The three tables of the pipeline in plain Python: what Spark's result must equal.

Memory follows the size of the tables (windows, slugs and the distinct clients of each), not the
number of lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime

from .event import Event
from .formats import SAMPLE_CHARACTERS, SAMPLE_OCTETS
from .parse import parse_line
from .read import lines
from .rows import ClickRow, RejectRow, SliRow, Tables
from .sli import THRESHOLD_MS, WINDOW_S, Counts, window_of

__all__ = ["Builder", "ClickRow", "RejectRow", "SliRow", "Tables", "build", "sample_of"]

_HOUR_S = 3600
SliKey = tuple[int, str, str | None, str | None]


def sample_of(smallest: bytes) -> str:
    """What is shown of a rejected line; bytes that are not UTF-8 become U+FFFD."""
    return smallest[:SAMPLE_OCTETS].decode("utf-8", "replace")[:SAMPLE_CHARACTERS]


class Builder:
    """Adds up lines to tables.

    Args:
        window_s: length of an SLI window in seconds; must divide an hour, so that a window has one.
        threshold_ms: the slowest that is not slow, in milliseconds.

    Raises:
        ValueError: ``window_s`` does not divide an hour.
    """

    def __init__(self, *, window_s: int = WINDOW_S, threshold_ms: float = THRESHOLD_MS) -> None:
        if window_s < 1 or _HOUR_S % window_s:
            raise ValueError(f"window_s must divide 3600, got {window_s}")
        self._window_s = window_s
        self._threshold_ms = threshold_ms
        self._clicks: dict[tuple[int, str], tuple[list[int], set[str]]] = {}
        self._sli: dict[SliKey, Counts] = {}
        self._rejects: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._accepted = 0

    def add_line(self, file: str, line: bytes) -> None:
        """Count one line of a file."""
        result = parse_line(line)
        if isinstance(result, Event):
            self.add_event(result)
        else:
            key, head = (file, result), line[:SAMPLE_OCTETS]
            count, smallest = self._rejects.get(key, (0, head))
            self._rejects[key] = (count + 1, min(smallest, head))

    def add_event(self, event: Event) -> None:
        """Count one accepted event."""
        self._accepted += 1
        if event.is_click:
            hour = (window_of(event.ts_ms, _HOUR_S), str(event.slug))
            count, clients = self._clicks.setdefault(hour, ([0], set()))
            count[0] += 1
            if event.client is not None:
                clients.add(event.client)
        if not event.is_internal:
            start = window_of(event.ts_ms, self._window_s)
            key = (start, event.route, event.release, event.colour)
            counts = self._sli.get(key)
            if counts is None:
                counts = self._sli[key] = Counts()
            counts.add(event, threshold_ms=self._threshold_ms)

    def tables(self) -> Tables:
        """What has been added so far."""
        rejected = sum(count for count, _ in self._rejects.values())
        return Tables(
            clicks=sorted(
                ClickRow(_time(hour), slug, count[0], len(clients))
                for (hour, slug), (count, clients) in self._clicks.items()
            ),
            sli=[self._sli_row(key, self._sli[key]) for key in sorted(self._sli, key=_order)],
            rejects=sorted(
                RejectRow(file, reason, sample_of(smallest), count)
                for (file, reason), (count, smallest) in self._rejects.items()
            ),
            lines=self._accepted + rejected,
            accepted=self._accepted,
            rejected=rejected,
        )

    def _sli_row(self, key: SliKey, counts: Counts) -> SliRow:
        start, route, release, colour = key
        return SliRow(
            _time(window_of(start * 1000, _HOUR_S)),
            _time(start),
            self._window_s,
            route,
            release,
            colour,
            counts.total,
            counts.good,
            counts.timed,
            counts.slow,
            self._threshold_ms,
        )


def build(
    paths: Iterable[str | os.PathLike[str]],
    *,
    window_s: int = WINDOW_S,
    threshold_ms: float = THRESHOLD_MS,
) -> Tables:
    """Read logs into the three tables.

    Raises:
        LogReadError: a file cannot be read to its end; nothing is returned then.
    """
    builder = Builder(window_s=window_s, threshold_ms=threshold_ms)
    for path in paths:
        name = os.fspath(path)
        for line in lines(path):
            builder.add_line(name, line)
    return builder.tables()


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _order(key: SliKey) -> tuple[int, str, str, str]:
    return (key[0], key[1], key[2] or "", key[3] or "")
