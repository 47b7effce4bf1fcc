"""Requests as lines of the access log, schema v1."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from urllib.parse import quote

import orjson

from hop.telemetry.clients import Clients

MAX_PATH = 2048
MAX_TEXT = 512  # of a user agent or referer
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
CREDENTIALS = re.compile(r"//[^/]*@")
MILLISECONDS = tuple(f"{number:03d}Z" for number in range(1000))


# What is known when a request ends: method, route, status, seconds (these four are the histogram's
# too), path, slug, bytes, the end in seconds since 1970, request id, trace id, client's address,
# user agent, referer. A plain tuple of plain values: the garbage collector then forgets it, and
# would not if it were a NamedTuple or held the scope. That is half of what telemetry costs.
Record = tuple[
    str,
    str,
    int,
    float,
    bytes | str,
    str | None,
    int,
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
        self._digests = clients.digests("")

    def encode(self, records: Iterable[Record]) -> list[bytes]:
        """The lines, with their ends."""
        return [self._line(*record) for record in records]

    def _line(
        self,
        method: str,
        route: str,
        status: int,
        seconds: float,
        path: bytes | str,
        slug: str | None,
        size: int,
        ended: float,
        request_id: str,
        trace_id: str | None,
        address: str,
        user_agent: bytes | None,
        referer: bytes | None,
    ) -> bytes:
        second = int(ended)
        if second != self._second:
            self._turn(second)
        return orjson.dumps(
            {
                "v": 1,
                "ts": self._clock + MILLISECONDS[int((ended - second) * 1000)],
                "request_id": request_id,
                "method": method,
                "route": route,
                "path": _path(path),
                "status": status,
                # What round(_, 3) says, at a third of its cost.
                "duration_ms": int(seconds * 1e6 + 0.5) / 1000,
                "bytes_out": 0 if method == "HEAD" else size,
                "slug": slug,
                "client": self._digests[address],
                "user_agent": _text(user_agent),
                "referer": _referer(referer),
                "trace_id": trace_id,
                "release": self._release,
                "colour": self._colour,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )

    def _turn(self, second: int) -> None:
        """Begin another second, and perhaps another day."""
        day = self._clock[:10]
        self._second = second
        self._clock = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        if self._clock[:10] != day:
            self._digests = self._clients.digests(self._clock[:10])


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
