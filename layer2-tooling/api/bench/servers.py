"""The servers under test: each a process of its own, with its CPU time readable."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from .postgres import free_port

API = Path(__file__).resolve().parents[1]
START_S = 30
PROCESS_CLOCK = 2  # CPUCLOCK_SCHED: user and system time together
ROWS = text(
    "insert into links (slug, target, created_at, updated_at) select 'bench-' || n,"
    " 'https://example.com/page/' || n || '?from=hop', now(), now()"
    " from generate_series(1, cast(:links as int)) n"
)
UVICORN = ["uvicorn", "--no-access-log", "--log-level", "warning", "--loop", "uvloop"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its name here, port on 127.0.0.1, and process."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """User and system time of the process so far, in seconds."""
        # clock_getcpuclockid(3) for another process: nanoseconds, where /proc counts hundredths.
        return time.clock_gettime(~self.pid << 3 | PROCESS_CLOCK)


def commands(folder: Path, spans: str) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Each server's words after ``python -m``, and its variables."""
    baseline = [*UVICORN, "--http", "httptools", "bench.baseline:app"]
    return {
        "baseline": (baseline, {}),
        "baseline + telemetry": (
            baseline,
            {"BASELINE_TELEMETRY": "1", "ACCESS_LOG": str(folder / "baseline.log")},
        ),
        "hop": (
            ["hop", "serve"],
            {"HOP_ACCESS_LOG": str(folder / "hop.log"), "OTEL_EXPORTER_OTLP_ENDPOINT": spans},
        ),
        "hop without telemetry": (["hop", "serve"], {"HOP_TELEMETRY": "0"}),
    }


def migrate(database: str, folder: Path) -> None:
    """Make hop's tables."""
    command = [sys.executable, "-m", "hop", "migrate"]
    environment = _environment(database, folder)
    subprocess.run(
        command, cwd=API, env=environment, check=True, timeout=60, stdout=subprocess.DEVNULL
    )


def _environment(database: str, folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOP_", "OTEL_"))}
    return kept | {"DATABASE_URL": database, "HOP_DATA": str(folder), "HOP_DRAIN_S": "0"}


@contextmanager
def serving(name: str, *, database: str, spans: str, folder: Path) -> Iterator[Server]:
    """Run one server until the block ends; ``spans`` is where OTLP goes.

    Raises:
        RuntimeError: it does not answer in time, or ends by itself.
    """
    words, variables = commands(folder, spans)[name]
    with started(name, words, variables, database=database, folder=folder) as server:
        yield server


@contextmanager
def started(
    name: str, words: list[str], variables: dict[str, str], *, database: str, folder: Path
) -> Iterator[Server]:
    """Run ``python -m`` and these words until the block ends, with these variables.

    Raises:
        RuntimeError: it does not answer in time, or ends by itself.
    """
    port = free_port()
    environment = _environment(database, folder) | variables
    command = [sys.executable, "-m", *words, "--port", str(port)]
    with (folder / f"{name}.err").open("wb") as errors:
        process = subprocess.Popen(command, cwd=API, env=environment, stdout=errors, stderr=errors)
    try:
        _wait(name, process, port, folder / f"{name}.err")
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], port: int, errors: Path) -> None:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"{name} does not answer: {errors.read_text(errors='replace')[-800:]}")


def fill(database: str, links: int) -> str:
    """Put ``links`` links named ``bench-1`` and so on into hop's table.

    Returns:
        The version of PostgreSQL.
    """
    return asyncio.run(_fill(database, links))


async def _fill(database: str, links: int) -> str:
    engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            await connection.execute(ROWS, {"links": links})
            return str((await connection.execute(text("show server_version"))).scalar_one())
    finally:
        await engine.dispose()
