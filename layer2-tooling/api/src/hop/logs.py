"""The program's own log on stderr: JSON lines, or colours on a terminal."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
import threading

import structlog

MAX_LINES = 1000  # that wait for a stderr which takes nothing; then they drop
FLUSH_S = 1.0
STDERR = 2  # not sys.stderr: a thread that hangs in it would hold its lock when hop ends


class Background(logging.Handler):
    """Hands lines to a thread: where nobody reads stderr, lines are lost and requests are not."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = 0
        self._lines: queue.Queue[str] = queue.Queue(MAX_LINES)
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; never blocks."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._lost += 1
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Write what is waiting. A reader that hangs does not hold us up."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, FLUSH_S)

    def _run(self) -> None:
        while True:
            line = self._lines.get()
            lost, self._lost = self._lost, 0
            data = f"{line}\n" + (f"{lost} lines were lost\n" if lost else "")
            rest = memoryview(data.encode("utf-8", "replace"))
            with contextlib.suppress(OSError):
                while rest:
                    rest = rest[os.write(STDERR, rest) :]
            self._lines.task_done()


def configure(level: str) -> None:
    """Send structlog's and the libraries' records the same way."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    if sys.stderr.isatty():
        last: list[structlog.typing.Processor] = [
            structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)
        ]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = Background()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.error", "alembic", "aiosqlite"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def flush() -> None:
    """Write what is waiting, before a signal ends the process."""
    for handler in logging.getLogger().handlers:
        handler.flush()
