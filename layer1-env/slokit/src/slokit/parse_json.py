"""JSON lines: schema v1, and what nginx writes with ``escape=json``."""

from __future__ import annotations

import json
from typing import Any, Final

from .event import Event
from .formats import DATA, PATTERNS, STATUS
from .times import reader

_object = PATTERNS["json_object"].fullmatch
_plain = PATTERNS[DATA["formats"]["v1"]["plain"]["pattern"]].fullmatch
_request = PATTERNS["request"].fullmatch
_size = PATTERNS["size"].fullmatch
# Numbers stay text until their own pattern has agreed: 1e400 or a thousand digits are no float.
_decode = json.JSONDecoder(parse_float=str, parse_int=str).decode
_TEXTS: Final = Event._fields[7:]
Texts = dict[str, str | None]


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


class _Reader:
    """Turns the texts of one JSON format into an event, or into a reason."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._version: str | None = rules["version"]
        self._route: str | None = rules["route"]
        self._absent = frozenset({None, *rules["absent"]})
        self._fields: list[tuple[str, list[str]]] = list(rules["fields"].items())
        self._time = reader(rules["times"])
        self._duration = PATTERNS[rules["duration"]["pattern"]].fullmatch
        self._suffix: str = rules["duration"]["suffix"]

    def texts(self, found: dict[str, Any]) -> Texts:
        """The first known key that has a value, for each field."""
        texts: Texts = {}
        for name, keys in self._fields:
            for key in keys:
                value = _text(found.get(key))
                if value not in self._absent:
                    texts[name] = value
                    break
        return texts

    def event(self, texts: Texts, *, version: str | None) -> Event | str:
        """Check in the order of the reasons."""
        get = texts.get
        ts, route, status = get("ts"), get("route") or self._route, get("status")
        if version != self._version:
            return "version"
        if not ts or not route or not status:
            return "missing"
        ts_ms = self._time(ts)
        if ts_ms is None:
            return "timestamp"
        code = STATUS.get(status)
        if code is None:
            return "status"
        took, size = get("duration_ms"), get("bytes_out")
        if (took and not self._duration(took)) or (size and not _size(size)):
            return "number"
        method, path = get("method"), get("path")
        request = get("request")
        if request and (match := _request(request)):
            method, path = method or match[1], path or match[2]
        return Event(
            ts_ms,
            method or None,
            route,
            path or None,
            code,
            # "0.029e3" is exactly 29 ms, 0.029 * 1000 is 29.000000000000004
            float(took + self._suffix) if took else None,
            int(size) if size else None,
            *[get(name) or None for name in _TEXTS],
        )


_V1_RULES = DATA["formats"]["v1"]
_VERSION_KEY: Final[str] = _V1_RULES["selected_by"]
_PLAIN_VERSION: Final[str] = _V1_RULES["version"]
_PLAIN_FIELDS: Final[tuple[str, ...]] = tuple(_V1_RULES["plain"]["groups"])
_v1 = _Reader(_V1_RULES)
_nginx = _Reader(DATA["formats"]["nginx_json"])


def parse_json(text: str) -> Event | str:
    """Parse one line; a string is the reason of its rejection."""
    plain = _plain(text)
    if plain is not None:  # as hop writes it: no escape to undo, so no decoder; three times as fast
        return _v1.event(
            dict(zip(_PLAIN_FIELDS, plain.groups(), strict=True)), version=_PLAIN_VERSION
        )
    if _object(text) is None:
        return "json"
    # The pattern has been through the whole text: what is left to the decoder cannot fail.
    found: dict[str, Any] = _decode(text)
    version = _text(found.get(_VERSION_KEY))
    if version is None:
        return _nginx.event(_nginx.texts(found), version=None)
    return _v1.event(_v1.texts(found), version=version)
