"""uvicorn, with the manners of a service: drain, signals, limits on a request's head."""

from __future__ import annotations

import signal
import socket
import time
from types import FrameType

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hop import logs, start
from hop.web.app import Service

MAX_HEAD = 65_536  # bytes of request line and headers; httptools itself has no limit
LINGER_S = 1.0
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
log = structlog.get_logger("hop.server")


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a limit on the head of a request."""

    _head = 0
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Take bytes off the network."""
        if self._refused:
            return
        self._head += len(data)
        super().data_received(data)
        if self._head > MAX_HEAD and not self._refused:
            self._refuse()

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is too large."""
        # Bytes of a body that came along were counted too: only then is it worth adding up.
        if self._head > MAX_HEAD:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > MAX_HEAD:
                self._refuse()
                return
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._head = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._head = 0
        if not self._refused:
            super().on_message_complete()

    def _refuse(self) -> None:
        self._refused = True
        self.transport.write(TOO_LARGE)
        # Closing at once would reset the connection under a client that still sends.
        self.loop.call_later(LINGER_S, self.transport.close)


class Server(uvicorn.Server):
    """Answers SIGTERM in two steps: first say so, then close.

    From the signal on /readyz fails and answers close their connections; ``drain_s``
    later the listener closes, and requests under way may finish. SIGINT skips the wait.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._close_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second signal stops waiting."""
        parts = self._service.parts
        start.served = True
        if sig != signal.SIGTERM or self._close_at is not None or not self.started:
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)
        parts.draining = True
        self._close_at = time.monotonic() + parts.settings.drain_s
        closing = (b"connection", b"close")
        self.config.encoded_headers.append(closing)
        self.server_state.default_headers = [*self.server_state.default_headers, closing]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything; a signal may end the process right after."""
        await super().shutdown(sockets)
        logs.flush()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if self._close_at is not None and time.monotonic() >= self._close_at:
            self.should_exit = True
        return await super().on_tick(counter)


def config_of(service: Service) -> uvicorn.Config:
    """uvicorn's configuration."""
    return uvicorn.Config(
        service,
        loop="uvloop",
        http=LimitedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # HOP_TRUSTED_PROXIES decides, in telemetry
        timeout_graceful_shutdown=service.parts.settings.grace_s,
        timeout_keep_alive=75,  # longer than a proxy's 60 s, or it meets closed connections
    )


def serve(service: Service, listener: socket.socket) -> None:
    """Serve until a signal; then the signal's default action ends the process."""
    server = Server(config_of(service), service)
    for number in (signal.SIGUSR1, signal.SIGHUP):  # both would kill the process otherwise
        signal.signal(number, lambda _number, _frame: service.reopen_log())
    server.run(sockets=[listener])
