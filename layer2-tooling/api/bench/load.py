"""A closed loop of redirects over a few kept-alive connections, cheap enough for one core.

The usual tools cost more than what is measured (httpx2 0.5 ms a request, k6 a core of Go), or
are on no package index (wrk); uvicorn's own parser on a bare socket costs about 20 us.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import httptools


@dataclass(slots=True)
class Load:
    """What a loop of requests did: statuses, and seconds from first byte to last."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, paths: Iterator[str], load: Load) -> None:
        self._paths, self._load = paths, load
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not isinstance: uvloop's transport is one by its methods only.
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"no HTTP answer: {error}"))

    def on_message_complete(self) -> None:
        self._load.statuses[self._parser.get_status_code()] += 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError("closed by the server"))

    def close(self) -> None:
        """Drop the connection, whatever is under way."""
        self.done.cancel()
        self._transport.abort()

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def _next(self) -> None:
        path = next(self._paths, None)
        if path is None:
            self.done.set_result(None)
            self._transport.close()
            return
        # A new parser for each answer: it cannot be fed again from its own callback.
        self._parser = httptools.HttpResponseParser(self)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n"
        self._transport.write(head.encode())


async def redirects(port: int, paths: Iterator[str], *, connections: int, limit_s: float) -> Load:
    """Ask for all ``paths`` at 127.0.0.1, each connection one at a time.

    Raises:
        ConnectionError: the server refuses or closes a connection.
        TimeoutError: it takes longer than ``limit_s`` seconds.
    """
    load, loop = Load(), asyncio.get_running_loop()
    started = time.perf_counter()
    opened: list[_Connection] = []
    try:
        async with asyncio.timeout(limit_s):
            for _ in range(connections):
                _, connection = await loop.create_connection(
                    lambda: _Connection(paths, load), "127.0.0.1", port
                )
                opened.append(connection)
            await asyncio.gather(*(connection.done for connection in opened))
    finally:
        for connection in opened:
            connection.close()
    load.seconds = time.perf_counter() - started
    return load
