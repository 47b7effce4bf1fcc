"""Measure all servers under both loads, in turns."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

import uvloop

from . import servers
from .figures import COLD, HOT, Sample
from .load import redirects
from .postgres import cluster

LINKS = 30_000  # three times what hop keeps in memory, so a walk through them never meets one again
CONNECTIONS = 16
SERVERS = ("baseline", "hop", "baseline + telemetry", "hop without telemetry")
# About a second of CPU each: the clock of /proc ticks in 10 ms.
REQUESTS = {
    ("baseline", HOT): 1500,
    ("baseline", COLD): 1500,
    ("baseline + telemetry", HOT): 1000,
    ("baseline + telemetry", COLD): 1000,
    ("hop", HOT): 10_000,
    ("hop", COLD): 4000,
    ("hop without telemetry", HOT): 10_000,
    ("hop without telemetry", COLD): 4000,
}


def measure(rounds: int) -> tuple[list[Sample], str]:
    """All servers under both loads, in turns, so that a busy moment hits each of them."""
    samples: list[Sample] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hop-bench-")))
        database = stack.enter_context(cluster())
        servers.migrate(database, folder)
        postgres = servers.fill(database, LINKS)
        running = [stack.enter_context(servers.serving(name, database, folder)) for name in SERVERS]
        walks = {server.name: cycle(range(1, LINKS + 1)) for server in running}
        for number in range(rounds + 1):
            for load in (HOT, COLD):
                for server in running:
                    say(f"round {number} of {rounds}: {server.name}, {load}")
                    sample = one(server, load, walks[server.name])
                    if number:  # the first warms up pools, caches and prepared statements
                        samples.append(sample)
        say("")
    return samples, postgres


def one(server: servers.Server, load: str, walk: Iterator[int]) -> Sample:
    """One round of one server.

    Raises:
        RuntimeError: an answer was no redirect, so the figure would mean nothing.
    """
    requests = REQUESTS[server.name, load]
    numbers = islice(walk, requests) if load == COLD else iter([1] * requests)
    paths = (f"/bench-{number}" for number in numbers)
    before = server.cpu_s()
    done = uvloop.run(redirects(server.port, paths, connections=CONNECTIONS, limit_s=120))
    cpu_s = server.cpu_s() - before
    if done.statuses != {307: requests}:
        raise RuntimeError(
            f"{server.name}, {load}: {dict(done.statuses)}, not {requests} times 307"
        )
    return Sample(server.name, load, requests, cpu_s, done.seconds)


def say(doing: str) -> None:
    """Show what is under way, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{doing}\x1b[K", end="", file=sys.stderr, flush=True)
