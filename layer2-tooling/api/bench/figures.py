"""From measurements to ratios, and from ratios to a verdict: arithmetic only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

# One link again and again; another each time; a few often and most hardly ever, as visitors do.
LOADS = HOT, COLD, TAIL = "hot", "cold", "tail"


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one server: ``requests`` cost it ``cpu_s`` and took ``wall_s`` seconds."""

    server: str
    load: str
    requests: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us(self) -> float:
        """Server CPU a request, in microseconds, user and system time."""
        return self.cpu_s / self.requests * 1e6

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.wall_s


@dataclass(frozen=True, slots=True)
class Result:
    """A figure next to its target; ``least`` says whether the target is a lower bound."""

    name: str
    value: float
    target: float
    least: bool

    @property
    def met(self) -> bool:
        """Whether the target is reached; a figure that is no number misses it."""
        return self.value >= self.target if self.least else self.value <= self.target


def of(samples: Iterable[Sample], server: str, load: str) -> list[Sample]:
    """The rounds of one server under one load, in order."""
    return [s for s in samples if (s.server, s.load) == (server, load)]


def cpu_us(samples: Iterable[Sample], server: str, load: str) -> float:
    """Median CPU a request in microseconds."""
    return median(s.cpu_us for s in of(samples, server, load))


def rate(samples: Iterable[Sample], server: str, load: str) -> float:
    """Median requests a second."""
    return median(s.rate for s in of(samples, server, load))


def times_as_cheap(samples: Sequence[Sample], ours: str, other: str, load: str) -> float:
    """How many times the CPU of ``ours`` the ``other`` needs, the median over paired rounds."""
    pairs = zip(of(samples, ours, load), of(samples, other, load), strict=True)
    return median(second.cpu_us / first.cpu_us for first, second in pairs)


def throughput_cost(samples: Sequence[Sample], measured: str, bare: str, load: str) -> float:
    """The share of the throughput of ``bare`` that ``measured`` lacks, the median over pairs.

    Throughput is that of a busy core, one over the CPU a request: requests a second of a shared
    machine depend on its other work more than on us.
    """
    pairs = zip(of(samples, measured, load), of(samples, bare, load), strict=True)
    return median(1 - second.cpu_us / first.cpu_us for first, second in pairs)


def results(
    samples: Sequence[Sample], *, ours: str = "hop", baseline: str = "baseline", bare: str
) -> list[Result]:
    """The three figures that are promised, with their targets."""
    return [
        Result("hot link, times as cheap", times_as_cheap(samples, ours, baseline, HOT), 6.0, True),
        Result(
            "cold link, times as cheap", times_as_cheap(samples, ours, baseline, COLD), 1.8, True
        ),
        Result(
            "telemetry, share of throughput",
            throughput_cost(samples, ours, bare, TAIL),
            0.10,
            False,
        ),
    ]
