"""A line that counts while requests go out, on a terminal only."""

from __future__ import annotations

import time
from typing import TextIO

REFRESH_S = 0.2


class Progress:
    """Counts requests on one line of ``stream``; silent where that is no terminal."""

    def __init__(self, stream: TextIO, *, total: int) -> None:
        self._stream = stream if stream.isatty() else None
        self._total = total
        self._done = 0
        self._next = 0.0

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
