"""One pass around each request: a histogram sample, an access-log line, a sampled span.

Three middlewares would wrap ``send`` three times. Whatever can be computed once (the
day, the second, a client's digest) is kept, because a redirect itself costs little more.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

import orjson
from opentelemetry import trace

from hop.telemetry.clients import Clients
from hop.telemetry.metrics import RequestDurations
from hop.telemetry.tracing import Sampler

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UNMATCHED = "unmatched"
MAX_PATH = 2048
MAX_TEXT = 512  # of a user agent or referer
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Telemetry:
    """Pure ASGI middleware.

    Inside, ``scope["hop.route"]`` may name the route's template and ``scope["hop.slug"]``
    the slug of a redirect; ``scope["hop.request_id"]`` is there to be read.
    """

    def __init__(
        self,
        app: App,
        *,
        write_line: Callable[[bytes], None],
        durations: RequestDurations,
        clients: Clients,
        sampler: Sampler,
        release: str,
        colour: str | None,
    ) -> None:
        self._app, self._write_line, self._durations = app, write_line, durations
        self._clients, self._sampler = clients, sampler
        self._release, self._colour = release, colour
        self._ids = map(f"{secrets.token_hex(4)}{{:08x}}".format, itertools.count())
        self._second, self._clock = 0, ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id")
        request_id = (
            given.decode("ascii") if given and REQUEST_ID.fullmatch(given) else next(self._ids)
        )
        scope["hop.request_id"] = request_id
        status, size = 500, 0

        async def observe(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        span, trace_id = self._sampler.begin(scope["method"], headers.get(b"traceparent"))
        started = time.perf_counter()
        try:
            if span is None:
                await self._app(scope, receive, observe)
            else:
                with trace.use_span(span, end_on_exit=False):
                    await self._app(scope, receive, observe)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"]
            route: str = scope.get("hop.route") or _template(scope)
            self._durations.observe(method, route, status, seconds)
            now = self._now()
            self._write_line(
                orjson.dumps(
                    {
                        "v": 1,
                        "ts": now,
                        "request_id": request_id,
                        "method": method,
                        "route": route,
                        "path": _path(scope),
                        "status": status,
                        "duration_ms": round(seconds * 1000, 3),
                        "bytes_out": 0 if method == "HEAD" else size,
                        "slug": scope.get("hop.slug"),
                        "client": self._client(scope, now[:10]),
                        "user_agent": _text(headers.get(b"user-agent")),
                        "referer": _referer(headers.get(b"referer")),
                        "trace_id": trace_id,
                        "release": self._release,
                        "colour": self._colour,
                    },
                    option=orjson.OPT_APPEND_NEWLINE,
                )
            )
            if span is not None:
                _finish(span, method, route, status)

    def _now(self) -> str:
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._clock = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return f"{self._clock}{int((now - second) * 1000):03d}Z"

    def _client(self, scope: Scope, day: str) -> str:
        peer = scope["client"][0] if scope.get("client") else "unknown"
        return self._clients.digest(self._clients.address(peer, scope["headers"]), day=day)


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", UNMATCHED)


def _path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    if raw is None or not raw.isascii():
        return quote(raw or scope["path"], safe=PRINTABLE)[:MAX_PATH]
    return raw[:MAX_PATH].decode("ascii")


def _text(value: bytes | None) -> str | None:
    return None if value is None else value[:MAX_TEXT].decode("latin-1")


def _referer(value: bytes | None) -> str | None:
    """Without its query and user information, which may hold a secret."""
    if value is None:
        return None
    text = value.split(b"?", 1)[0].split(b"#", 1)[0].decode("latin-1")
    return re.sub(r"//[^/]*@", "//", text)[:MAX_TEXT]


def _finish(span: trace.Span, method: str, route: str, status: int) -> None:
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        }
    )
    if status >= 500:
        span.set_status(trace.StatusCode.ERROR)
    span.end()
