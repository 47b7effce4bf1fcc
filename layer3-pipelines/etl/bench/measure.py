"""A program's wall time, and the processor time and peak memory of all its processes."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_EVERY_S = 0.2


class JobFailedError(Exception):
    """A job ended with another code than 0, or took too long; the message ends its log."""


@dataclass(frozen=True)
class Cost:
    """``seconds`` from start to end; ``cpu_s`` and resident ``peak_mb`` with the JVMs'."""

    seconds: float
    cpu_s: float
    peak_mb: float


def cost(
    command: Sequence[str],
    *,
    log: Path,
    environ: Mapping[str, str],
    limit_s: float,
    also: int | None = None,
) -> Cost:
    """Run a command and measure it.

    Args:
        command: program and arguments.
        log: gets its output.
        environ: added to this process's environment.
        limit_s: after that many seconds it is killed.
        also: a process that works for it without being its child (the kept server).

    Raises:
        JobFailedError: with the end of the log.
    """
    started, peak = time.perf_counter(), 0.0
    # Processor seconds by process as last seen: one that ends between two samples loses little.
    before, spent = _cpu_s(also), dict[int, float]()
    with log.open("wb") as output:
        job = subprocess.Popen(
            command,
            env=os.environ | environ,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        while True:
            with suppress(subprocess.TimeoutExpired):
                job.wait(SAMPLE_EVERY_S)
                break
            processes = [*_tree(job.pid), *_tree(also)]
            peak = max(peak, _resident_mb(processes))
            for process in processes:
                with suppress(psutil.Error):
                    used = process.cpu_times()
                    spent[process.pid] = used.user + used.system
            if time.perf_counter() - started > limit_s:
                for process in _tree(job.pid):
                    process.kill()
    seconds = time.perf_counter() - started
    if job.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise JobFailedError(f"{' '.join(command)}: exit {job.returncode}\n{tail}")
    return Cost(seconds, sum(spent.values()) - before, peak)


def _cpu_s(pid: int | None) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _tree(pid))


def _tree(pid: int | None) -> list[psutil.Process]:
    if pid is None:
        return []
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def _resident_mb(processes: Sequence[psutil.Process]) -> float:
    """Pages that processes share count once for each: an upper bound."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_info().rss
    return total / 2**20
