"""``python -m bench.observers``: what it costs hop when its Collector is away.

Two hops with a Collector each, asked in turns. Then one Collector goes, and they are asked again.
The first half says how equal the two are, and how much of a difference is noise.

Exit codes: 0 at most 5 % dearer, 1 dearer.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import median

import httpx2
import uvloop

from . import servers
from .load import redirects
from .servers import Server
from .sink import Sink, collecting

GOAL = 1.05
# Many short rounds: a busy moment spoils few pairs.
PAIRS, REQUESTS, CONNECTIONS, LIMIT_S = 60, 1000, 8, 120
SERVE = ("hop", "serve")
LINK = "observed"
DRAWS, TAIL = 2000, 0.025


@dataclass(frozen=True, slots=True)
class Ratio:
    """A median, and where 95 of 100 medians of what was drawn again lie (bootstrap)."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.3f} ({self.low:.3f} to {self.high:.3f})"


def ratio(above: Sequence[float], below: Sequence[float] = (1.0,)) -> Ratio:
    """The median of ``above`` over that of ``below``."""
    chance = random.Random(1)

    def draw(values: Sequence[float]) -> float:
        return median(chance.choices(values, k=len(values)))

    drawn = sorted(draw(above) / draw(below) for _ in range(DRAWS))
    edge = round(TAIL * DRAWS)
    return Ratio(median(above) / median(below), drawn[edge], drawn[-edge - 1])


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU of the second hop as a part of the first's: both observed; and the second no more."""

    same: list[float]
    away: list[float]

    @property
    def noise(self) -> Ratio:
        """What two equal hops differ by."""
        return ratio(self.same)

    @property
    def cost(self) -> Ratio:
        """What the absence costs, as a factor."""
        return ratio(self.away, self.same)


def compare(
    serve: Sequence[str] = SERVE, *, pairs: int = PAIRS, requests: int = REQUESTS
) -> Compared:
    """Ask both hops in turns, before and after the second one's Collector has gone.

    Raises:
        RuntimeError: a hop does not answer, or its Collector heard nothing while it was there.
    """
    with ExitStack() as stack, ExitStack() as observed:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hop-observers-")))
        database = f"sqlite:///{folder}/hop.db"
        servers.migrate(database, folder)
        sinks = [stack.enter_context(collecting()), observed.enter_context(collecting())]
        hops = [
            stack.enter_context(
                servers.started(
                    name,
                    list(serve),
                    variables(folder / f"{name}.log", sink),
                    database=database,
                    folder=folder,
                )
            )
            for name, sink in zip(("watched", "left alone"), sinks, strict=True)
        ]
        make_link(hops[0])
        measured(hops, pairs=1, requests=requests)  # warms up
        same = measured(hops, pairs=pairs, requests=requests)
        if not all(sink.batches for sink in sinks):
            raise RuntimeError(f"a Collector heard nothing: {[sink.batches for sink in sinks]}")
        observed.close()
        return Compared(same, measured(hops, pairs=pairs, requests=requests))


def variables(log: Path, sink: Sink) -> dict[str, str]:
    """Telemetry as it is deployed, and spans sent every second, so that each batch sends some."""
    return {
        "HOP_ACCESS_LOG": str(log),
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
        "OTEL_BSP_SCHEDULE_DELAY": "1000",
    }


def make_link(server: Server) -> None:
    """The link that everybody follows."""
    body = {"target": "https://example.com/observed", "alias": LINK}
    url = f"http://127.0.0.1:{server.port}/api/v1/links"
    httpx2.post(url, json=body, timeout=LIMIT_S).raise_for_status()


def measured(hops: Sequence[Server], *, pairs: int, requests: int) -> list[float]:
    """The second hop's CPU a request over the first's, a pair of rounds each."""
    found = []
    for number in range(pairs):
        # Who comes second finds warmer caches, or a busier machine: they change places.
        order = hops if number % 2 else list(reversed(hops))
        used = {server.name: cost(server, requests) for server in order}
        found.append(used[hops[1].name] / used[hops[0].name])
    return found


def cost(server: Server, requests: int) -> float:
    """CPU seconds for a round.

    Raises:
        RuntimeError: an answer was no redirect.
    """
    before = server.cpu_s()
    paths = repeat(f"/{LINK}", requests)
    done = uvloop.run(redirects(server.port, paths, connections=CONNECTIONS, limit_s=LIMIT_S))
    if done.statuses[307] != requests:
        raise RuntimeError(f"{server.name}: of {requests} answers {dict(done.statuses)}")
    return server.cpu_s() - before


def main() -> int:
    """Measure, print, judge."""
    found = compare()
    print(f"two hops, both observed      {found.noise}")
    print(f"without its Collector        {found.cost}, goal {GOAL}")
    return int(found.cost.middle > GOAL)


if __name__ == "__main__":
    sys.exit(main())
