"""A line while requests go out: on a terminal it counts them, elsewhere it says that they do."""

from __future__ import annotations

import time
from typing import TextIO

REFRESH_S = 0.2


class Progress:
    """Counts requests on one line of ``stream``, where that is a terminal."""

    def __init__(self, stream: TextIO, *, total: int) -> None:
        self._out = stream
        self._stream = stream if stream.isatty() else None
        self._total = total
        self._done = 0
        self._next = 0.0

    def begin(self, address: str) -> None:
        """hop has answered. Who makes something happen to it meanwhile waits for this line."""
        if not self._stream:
            print(
                f"hop-traffic: sending {self._total:,} requests to {address}",
                file=self._out,
                flush=True,
            )

    def step(self, failed: int) -> None:
        """One more request has ended; ``failed`` so far."""
        self._done += 1
        now = time.monotonic()
        if self._stream and now >= self._next:
            self._next = now + REFRESH_S
            self._stream.write(f"\r{self._done:,} of {self._total:,} requests, {failed:,} failed ")
            self._stream.flush()

    def clear(self) -> None:
        """Leave an empty line for what is printed next."""
        if self._stream:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
