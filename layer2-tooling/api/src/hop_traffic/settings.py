"""Settings of a run, checked once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import SettingsError
from .model import Kind

MAX_REQUESTS = 1_000_000  # the plan is held in memory, about 0.5 kB a request
MAX_SECONDS = 3600

# Most requests are redirects; a few per cent each of what else a public service sees.
DEFAULT_MIX: Mapping[Kind, float] = MappingProxyType(
    {
        Kind.REDIRECT: 0.72,
        Kind.MISSING: 0.07,
        Kind.CREATE: 0.05,
        Kind.PROBE: 0.04,
        Kind.HEAD: 0.03,
        Kind.STATS: 0.03,
        Kind.UNMATCHED: 0.02,
        Kind.BAD: 0.02,
        Kind.READ: 0.01,
        Kind.LIST: 0.01,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to send. The same settings give the same plan.

    Args:
        requests: how many, probes included.
        rate: mean requests a second; arrivals are a Poisson process.
        seed: makes the plan.
        error_share: share of the user requests that ask for ``Hop-Fault: status=503``.
        slow_share: share that ask for ``Hop-Fault: delay=<delay_ms>``.
        delay_ms: injected delay in milliseconds.
        threshold_ms: above this many milliseconds an answer is slow.
        zipf: exponent of the popularity of links; 0 makes all alike.
        mix: weight of each kind; the first requests make links whatever it says.

    Raises:
        SettingsError: a count, rate or share that cannot be run.
    """

    requests: int = 5000
    rate: float = 250.0
    seed: int = 1
    error_share: float = 0.001
    slow_share: float = 0.002
    delay_ms: int = 400
    threshold_ms: float = 250.0
    zipf: float = 1.1
    mix: Mapping[Kind, float] = field(default_factory=lambda: DEFAULT_MIX)

    def __post_init__(self) -> None:
        if not 1 <= self.requests <= MAX_REQUESTS:
            raise SettingsError(f"--requests must be 1 to {MAX_REQUESTS:,}, got {self.requests}")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise SettingsError(f"--rate must be above 0, got {self.rate}")
        if self.seconds > MAX_SECONDS:
            raise SettingsError(
                f"{self.requests} requests at {self.rate:g} a second take {self.seconds:.0f} s;"
                f" at most {MAX_SECONDS} s: raise --rate or lower --requests"
            )
        shares = (self.error_share, self.slow_share)
        if not (all(0 <= share <= 1 for share in shares) and sum(shares) <= 1):
            raise SettingsError("--error-share and --slow-share must be 0 to 1, and their sum too")
        if self.slow_share and not self.threshold_ms < self.delay_ms <= 5000:
            raise SettingsError(
                f"--delay-ms must be above the threshold ({self.threshold_ms:g}) and at most 5000,"
                f" got {self.delay_ms}"
            )
        if not 0 <= self.zipf <= 5:
            raise SettingsError(f"--zipf must be 0 to 5, got {self.zipf}")
        if min(self.mix.values(), default=0) < 0 or not sum(self.mix.values()) > 0:
            raise SettingsError("a mix needs weights of at least 0, not all of them 0")

    @property
    def seconds(self) -> float:
        """How long the schedule is."""
        return self.requests / self.rate
