"""One pass around each request: a histogram sample, an access-log line, a sampled span.

A redirect costs so little that telemetry would show beside it. So a request only notes what
it knows; samples and lines are made from the notes together, a few hundred at a time, which
costs half as much as one by one between other work.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from itertools import chain, count
from typing import Any

from opentelemetry import trace

from hop.telemetry.clients import Clients
from hop.telemetry.lines import LineEncoder, Record
from hop.telemetry.metrics import RequestDurations
from hop.telemetry.tracing import Sampler

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UNMATCHED = "unmatched"
HOLD_S = 0.05  # notes wait at most this long; at 10,000 requests a second that is 500
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Telemetry:
    """Pure ASGI middleware.

    Inside, ``scope["hop.route"]`` may name the route's template and ``scope["hop.slug"]``
    the slug of a redirect; ``scope["hop.request_id"]`` is there to be read.
    """

    def __init__(
        self,
        app: App,
        *,
        write_lines: Callable[[list[bytes]], None],
        encoder: LineEncoder,
        clients: Clients,
        durations: RequestDurations,
        sampler: Sampler,
    ) -> None:
        self._app, self._write_lines, self._encoder = app, write_lines, encoder
        self._clients, self._durations, self._sampler = clients, durations, sampler
        self._ids = request_ids()
        self._records: list[Record] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id")
        if given is not None and REQUEST_ID.fullmatch(given):
            request_id = given.decode("ascii")
        else:
            request_id = next(self._ids)
        scope["hop.request_id"] = request_id
        status, size = 500, 0

        def observe(message: Message) -> Awaitable[None]:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            return send(message)

        method: str = scope["method"]
        span, trace_id = self._sampler.begin(method, headers.get(b"traceparent"))
        started = time.perf_counter()
        try:
            if span is None:
                await self._app(scope, receive, observe)
            else:
                with trace.use_span(span, end_on_exit=False):
                    await self._app(scope, receive, observe)
        finally:
            seconds = time.perf_counter() - started
            route = scope.get("hop.route") or template(scope)
            if not self._records:
                asyncio.get_running_loop().call_later(HOLD_S, self.flush)
            self._records.append(
                (
                    method,
                    route,
                    status,
                    seconds,
                    scope.get("raw_path") or scope["path"],
                    scope.get("hop.slug"),
                    size,
                    time.time(),
                    request_id,
                    trace_id,
                    self._clients.address(scope),
                    headers.get(b"user-agent"),
                    headers.get(b"referer"),
                )
            )
            if span is not None:
                _finish(span, method, route, status)

    def flush(self) -> None:
        """Count and log the requests that have ended; called on the event loop."""
        records, self._records = self._records, []
        for record in records:
            self._durations.observe(*record[:4])
        if records:
            self._write_lines(self._encoder.encode(records))


def request_ids() -> Iterator[str]:
    """16 hex digits: some of this process, and a number. Joined: formatted, they cost more."""
    process = secrets.token_hex(4)
    ends = [f"{number:03x}" for number in range(0x1000)]
    return chain.from_iterable(map(f"{process}{begin:05x}".__add__, ends) for begin in count())


def template(scope: Scope) -> str:
    """The template of the route that FastAPI found."""
    return str(getattr(scope.get("route"), "path", UNMATCHED))


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
