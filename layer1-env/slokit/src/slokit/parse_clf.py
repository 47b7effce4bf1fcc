"""Common and Combined log lines, as nginx and Apache write them."""

from __future__ import annotations

from typing import Final

from .event import Event
from .formats import DATA, PATTERNS, STATUS
from .times import reader

_RULES = DATA["formats"]["clf"]
_match = PATTERNS["clf"].fullmatch
_size = PATTERNS["size"].fullmatch
_time = reader(_RULES["times"])
_ROUTE: Final[str] = _RULES["route"]
_ABSENT: Final = frozenset({None, *_RULES["absent"]})
_ABSENT_SIZE: Final[int] = _RULES["absent_size"]


def parse_clf(text: str) -> Event | str:
    """Parse one line; a string is the reason of its rejection."""
    match = _match(text)
    if match is None:
        return "format"
    client, ts, method, path, status, size, referer, agent = match.groups()
    ts_ms = _time(ts)
    if ts_ms is None:
        return "timestamp"
    code = STATUS.get(status)
    if code is None:
        return "status"
    if size in _ABSENT:
        bytes_out = _ABSENT_SIZE
    elif _size(size):
        bytes_out = int(size)
    else:
        return "number"
    return Event(
        ts_ms,
        method,
        _ROUTE,
        path,
        code,
        bytes_out=bytes_out,
        client=None if client in _ABSENT else client,
        user_agent=None if agent in _ABSENT else agent,
        referer=None if referer in _ABSENT else referer,
    )
