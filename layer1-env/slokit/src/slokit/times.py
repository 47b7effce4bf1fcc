"""Times as logs write them, to milliseconds since the epoch.

Lines come in order of time, so the calendar is asked once a second and not once a line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from .formats import DATA, PATTERNS

_ISO = PATTERNS["time_iso"].fullmatch
_CLF = PATTERNS["time_clf"].fullmatch
_EPOCH_SECONDS = PATTERNS["time_epoch"].fullmatch
_MONTH = {name: number for number, name in enumerate(DATA["months"], start=1)}
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_CACHED_SECONDS: Final = 4096


@lru_cache(maxsize=_CACHED_SECONDS)
def _whole_second(text: str) -> int | None:
    try:
        return (datetime.fromisoformat(text) - _ORIGIN) // _MS
    except ValueError:  # the pattern lets 30 February through
        return None


def _milliseconds(fraction: str | None) -> int:
    return int(fraction[:3].ljust(3, "0")) if fraction else 0


def _iso(text: str) -> int | None:
    match = _ISO(text)
    if match is None:
        return None
    second, fraction, zone = match.groups()
    start = _whole_second(second + zone)
    return None if start is None else start + _milliseconds(fraction)


@lru_cache(maxsize=_CACHED_SECONDS)
def _clf(text: str) -> int | None:
    """Fixed columns: ``23/Nov/2026:10:00:00 +0100``."""
    if _CLF(text) is None:
        return None
    month = _MONTH[text[3:6]]
    day = f"{text[7:11]}-{month:02}-{text[:2]}"
    return _whole_second(f"{day}T{text[12:20]}{text[21:24]}:{text[24:]}")


def _epoch(text: str) -> int | None:
    match = _EPOCH_SECONDS(text)
    return None if match is None else int(match[1]) * 1000 + _milliseconds(match[2])


READERS: Final[dict[str, Callable[[str], int | None]]] = {
    "time_iso": _iso,
    "time_clf": _clf,
    "time_epoch": _epoch,
}


def reader(names: list[str]) -> Callable[[str], int | None]:
    """A function from text to milliseconds since the epoch, or ``None`` if no form fits."""
    chosen = [READERS[name] for name in names]
    if len(chosen) == 1:
        return chosen[0]

    def first(text: str) -> int | None:
        return next((ms for read in chosen if (ms := read(text)) is not None), None)

    return first
