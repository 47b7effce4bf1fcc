"""Measure all servers under both loads, in turns."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate, cycle, islice, repeat
from pathlib import Path

import uvloop

from . import servers
from .figures import COLD, HOT, TAIL, Sample
from .load import redirects
from .postgres import cluster
from .sink import collecting

LINKS = 30_000  # three times what hop keeps in memory, so a walk through them never meets one again
ZIPF = 1.1  # popularity of links in the tail load, as in hop-traffic
CONNECTIONS = 16
# On a machine with other work hop refuses a few (503) instead of queueing; more would mean nothing.
LEAST_REDIRECTS = 0.99
HOP, BARE, BASELINE = "hop", "hop without telemetry", "baseline"
SERVERS = (BASELINE, HOP, "baseline + telemetry", BARE)
# About half a second of CPU or more: the clock of /proc ticks in 10 ms.
REQUESTS = {HOT: 15_000, COLD: 3000, TAIL: 6000}
BASELINE_REQUESTS = 800
SETTLE_S = 0.1  # hop writes its log up to 50 ms after the answer: that too is the request's cost


def measure(rounds: int) -> tuple[list[Sample], str]:
    """All servers under both loads, in turns, so that a busy moment hits each of them.

    Returns:
        The samples, and the version of PostgreSQL.

    Raises:
        NoPostgresError: there is none here.
        RuntimeError: a server does not answer as it should, or hop keeps no log or spans.
    """
    samples: list[Sample] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hop-bench-")))
        database = stack.enter_context(cluster())
        servers.migrate(database, folder)
        postgres = servers.fill(database, LINKS)
        sink = stack.enter_context(collecting())
        running = [
            stack.enter_context(
                servers.serving(name, database=database, spans=sink.url, folder=folder)
            )
            for name in SERVERS
        ]
        walks = {server.name: cycle(range(1, LINKS + 1)) for server in running}
        for number in range(rounds + 1):
            for load in (HOT, COLD, TAIL):
                for server in running:
                    say(f"round {number} of {rounds}: {server.name}, {load}")
                    numbers = {
                        HOT: repeat(1),
                        COLD: walks[server.name],
                        TAIL: popular(seed=number),
                    }[load]
                    sample = one(server, load, numbers)
                    if number:  # the first warms up pools, caches and prepared statements
                        samples.append(sample)
        say("")
        lines = (folder / "hop.log").read_bytes().count(b"\n")
        if not (sink.batches and lines > rounds * REQUESTS[HOT]):
            raise RuntimeError(f"hop's telemetry is off: {lines} lines, {sink.batches} batches")
    return samples, postgres


def popular(*, seed: int) -> Iterator[int]:
    """Links as visitors ask for them: few very often, most hardly ever."""
    chance = random.Random(seed)
    weights = list(accumulate(rank**-ZIPF for rank in range(1, LINKS + 1)))
    while True:
        yield from chance.choices(range(1, LINKS + 1), cum_weights=weights, k=1000)


def one(server: servers.Server, load: str, numbers: Iterator[int]) -> Sample:
    """One round of one server.

    Raises:
        RuntimeError: too many answers were no redirect, so the figure would mean nothing.
    """
    requests = REQUESTS[load] if server.name in (HOP, BARE) else BASELINE_REQUESTS
    paths = (f"/bench-{number}" for number in islice(numbers, requests))
    before = server.cpu_s()
    done = uvloop.run(redirects(server.port, paths, connections=CONNECTIONS, limit_s=120))
    time.sleep(SETTLE_S)
    cpu_s = server.cpu_s() - before
    if done.statuses[307] < LEAST_REDIRECTS * requests:
        raise RuntimeError(f"{server.name}, {load}: of {requests} answers {dict(done.statuses)}")
    return Sample(server.name, load, requests, cpu_s, done.seconds)


def say(doing: str) -> None:
    """Show what is under way, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{doing}\x1b[K", end="", file=sys.stderr, flush=True)
