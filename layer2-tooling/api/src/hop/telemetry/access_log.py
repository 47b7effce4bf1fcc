"""The access log file: the event loop hands lines over, a thread writes them."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from hop.errors import SettingsError

MAX_BATCHES = 200  # one comes every 50 ms: 10 s of a disk that takes nothing, then they drop
CLOSE_S = 5.0
log = structlog.get_logger("hop.access_log")


class AccessLog:
    """One open log file.

    Args:
        path: the file; made with its folder when missing.
        dropped: called, in any thread, with a number of lines that are lost.

    Raises:
        SettingsError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, dropped: Callable[[int], None]) -> None:
        self._path, self._dropped = path, dropped
        self._batches: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
        self._rest = b""
        self._reopen_asked = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._open()
        except OSError as error:
            raise SettingsError(f"HOP_ACCESS_LOG: cannot write {path}: {error.strerror}") from None
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def write(self, lines: list[bytes]) -> None:
        """Take lines with their ends; never blocks."""
        if self._batches.qsize() < MAX_BATCHES:
            self._batches.put(lines)
        else:
            self._dropped(len(lines))

    def reopen(self) -> None:
        """Go on in a new file of the same name; safe in a signal handler."""
        self._reopen_asked = True
        self._batches.put([])

    def close(self) -> None:
        """Write what is waiting. A disk that hangs does not hold us up."""
        self._batches.put(None)
        self._thread.join(CLOSE_S)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def _run(self) -> None:
        while (batch := self._batches.get()) is not None:
            if batch:
                self._store(batch)
            if self._reopen_asked:
                self._reopen_asked = False
                self._renew()
        os.close(self._file)

    def _store(self, batch: list[bytes]) -> None:
        data = memoryview(self._rest + b"".join(batch))
        done = 0
        try:
            while done < len(data):
                done += os.write(self._file, data[done:])
            self._rest = b""
        except OSError as error:
            self._lose(bytes(data[done:]), cut=done > 0 and data[done - 1] != ord("\n"))
            log.error("access log lines dropped", error=error.strerror)

    def _lose(self, data: bytes, *, cut: bool) -> None:
        # A line that is half in the file must be finished before the next one begins.
        cut = cut or bool(self._rest and data.startswith(self._rest))
        end = data.find(b"\n") + 1 if cut else 0
        self._rest = data[:end]
        self._dropped(data.count(b"\n", end))

    def _renew(self) -> None:
        try:
            renewed = self._open()
        except OSError as error:
            log.error("access log not reopened, the old file stays", error=error.strerror)
            return
        os.close(self._file)
        self._file, self._rest = renewed, b""
