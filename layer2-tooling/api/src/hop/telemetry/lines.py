"""One request as a line of the access log, schema v1."""

from __future__ import annotations

import re
import time
from urllib.parse import quote

import orjson

from hop.telemetry.clients import Clients

MAX_PATH = 2048
MAX_TEXT = 512  # of a user agent or referer
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
CREDENTIALS = re.compile(r"//[^/]*@")


# What is known when a request ends: method, route, path, slug, status, bytes, seconds, the end
# in seconds since 1970, request id, trace id, client's address, user agent, referer. A plain
# tuple of plain values: the garbage collector then forgets it, and would not if it were a
# NamedTuple or held the scope. That is half of what telemetry costs.
Record = tuple[
    str,
    str,
    bytes | str,
    str | None,
    int,
    int,
    float,
    float,
    str,
    str | None,
    str,
    bytes | None,
    bytes | None,
]


class LineEncoder:
    """Encodes records; what changes once a second or once a client is kept."""

    def __init__(self, *, clients: Clients, release: str, colour: str | None) -> None:
        self._clients, self._release, self._colour = clients, release, colour
        self._second, self._clock = 0, ""

    def encode(self, record: Record) -> bytes:
        """The line, with its end."""
        (
            method,
            route,
            path,
            slug,
            status,
            size,
            seconds,
            ended,
            request_id,
            trace_id,
            address,
            user_agent,
            referer,
        ) = record
        ts = self._timestamp(ended)
        return orjson.dumps(
            {
                "v": 1,
                "ts": ts,
                "request_id": request_id,
                "method": method,
                "route": route,
                "path": _path(path),
                "status": status,
                "duration_ms": round(seconds * 1000, 3),
                "bytes_out": 0 if method == "HEAD" else size,
                "slug": slug,
                "client": self._clients.digest(address, day=ts[:10]),
                "user_agent": _text(user_agent),
                "referer": _referer(referer),
                "trace_id": trace_id,
                "release": self._release,
                "colour": self._colour,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )

    def _timestamp(self, at: float) -> str:
        second = int(at)
        if second != self._second:
            self._second = second
            self._clock = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return f"{self._clock}{int((at - second) * 1000):03d}Z"


def _path(raw: bytes | str) -> str:
    if isinstance(raw, bytes) and raw.isascii():
        return raw[:MAX_PATH].decode("ascii")
    return quote(raw, safe=PRINTABLE)[:MAX_PATH]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value[:MAX_TEXT].decode("latin-1")


def _referer(value: bytes | None) -> str | None:
    """Without its query and user information, which may hold a secret."""
    if value is None:
        return None
    text = value.split(b"?", 1)[0].split(b"#", 1)[0].decode("latin-1")
    return CREDENTIALS.sub("//", text)[:MAX_TEXT]
