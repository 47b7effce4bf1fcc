"""The three tables and the totals of a log as one JSON object, from one pass."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from .errors import NoDataError, WriteError
from .event import Event, rfc3339
from .histogram import Latency
from .read import lines
from .tables import Builder, Tables

_SUMS = ("total", "good", "timed", "slow")


class Export(Builder):
    """Adds up lines to tables, and keeps what the tables do not hold: durations and the span."""

    def __init__(self, *, window_s: int, threshold_ms: float) -> None:
        super().__init__(window_s=window_s, threshold_ms=threshold_ms)
        self.latency = Latency()
        self.first_ms: int | None = None
        self.last_ms: int | None = None

    def add_event(self, event: Event) -> None:
        """Count one accepted event; routes of the service itself have no latency and no span."""
        super().add_event(event)
        if event.is_internal:
            return
        at = event.ts_ms
        self.first_ms = at if self.first_ms is None else min(at, self.first_ms)
        self.last_ms = at if self.last_ms is None else max(at, self.last_ms)
        if event.duration_ms is not None:
            self.latency.add(event.duration_ms)


def as_dict(export: Export, *, window_s: int, threshold_ms: float) -> dict[str, Any]:
    """Totals, span, histogram and the rows of the tables, times in RFC 3339.

    Raises:
        NoDataError: not one line was read.
    """
    tables = export.tables()
    if not tables.lines:
        raise NoDataError("the logs are empty: not one line; look: ls -l LOG")
    sums = {name: sum(getattr(row, name) for row in tables.sli) for name in _SUMS}
    return {
        "schema": 1,
        "lines": tables.lines,
        "accepted": tables.accepted,
        "rejected": tables.rejected,
        **sums,
        "first": None if export.first_ms is None else rfc3339(export.first_ms),
        "last": None if export.last_ms is None else rfc3339(export.last_ms),
        "window_s": window_s,
        "threshold_ms": threshold_ms,
        "latency_histogram": export.latency.as_dict(),
        **_rows(tables),
    }


def export(sources: Iterable[str], *, window_s: int, threshold_ms: float) -> dict[str, Any]:
    """Read logs into one JSON-ready object.

    Args:
        sources: paths, or ``-``.
        window_s: length of an SLI window in seconds; must divide an hour.
        threshold_ms: the slowest that is not slow, in milliseconds.

    Raises:
        LogReadError: a log cannot be read to its end.
        NoDataError: not one line was read.
        ValueError: ``window_s`` does not divide an hour.
    """
    found = Export(window_s=window_s, threshold_ms=threshold_ms)
    for source in sources:
        for line in lines(source):
            found.add_line(source, line)
    return as_dict(found, window_s=window_s, threshold_ms=threshold_ms)


def write(found: dict[str, Any], out: Path) -> None:
    """Write the object to a file that is whole or absent, never cut short.

    Raises:
        WriteError: it cannot be written; a file that was there before stays as it was.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(found, ensure_ascii=False) + "\n", "utf-8")
        partial.replace(out)
    except OSError as error:
        # Where its folder cannot be used there is nothing to remove.
        with suppress(OSError):
            partial.unlink()
        where = shlex.quote(str(out.parent))
        raise WriteError(f"cannot write {out}: {error.strerror}; look: df -h {where}") from error


def _rows(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    named: dict[str, Sequence[Any]] = {
        "sli": tables.sli,
        "clicks": tables.clicks,
        "rejects": tables.rejects,
    }
    return {name: [_row(row._asdict()) for row in rows] for name, rows in named.items()}


def _row(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: rfc3339(round(value.timestamp() * 1000)) if isinstance(value, datetime) else value
        for name, value in columns.items()
    }
