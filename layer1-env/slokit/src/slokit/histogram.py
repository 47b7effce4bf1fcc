"""Latency distributions of fixed size, however many requests there are."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

BUCKETS_MS: Final = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0)
# Each step of the sketch is 2 % wide, so a quantile is at most 1 % off.
_GROWTH: Final = 1.02
_LOG: Final = math.log(_GROWTH)
_LEAST_MS: Final = 0.001
_STEPS: Final = 2000  # 0.001 ms times 1.02 ** 2000 is 15 million years


@dataclass(slots=True)
class Latency:
    """Counts by report bucket, and a sketch for quantiles.

    The sketch is a histogram with logarithmic steps, as in DDSketch (Masson et al., VLDB 2019):
    at most 2,001 counters, each holding the durations of one step.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))
    _steps: Counter[int] = field(default_factory=Counter)

    def add(self, duration_ms: float) -> None:
        """Count one duration, in milliseconds."""
        self.counts[bisect_left(BUCKETS_MS, duration_ms)] += 1
        step = 0
        if duration_ms > _LEAST_MS:
            step = min(_STEPS, math.ceil(math.log(duration_ms / _LEAST_MS) / _LOG))
        self._steps[step] += 1

    @property
    def timed(self) -> int:
        """How many durations were counted."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The duration in ms that ``share`` of the requests do not exceed, to 1 %.

        ``None`` without data. Below a microsecond it says 0.
        """
        if not self.timed:
            return None
        rank = max(1, math.ceil(share * self.timed))
        for step in sorted(self._steps):
            rank -= self._steps[step]
            if rank <= 0:
                break
        # the middle of the step in terms of relative error
        return _LEAST_MS * _GROWTH**step * 2 / (1 + _GROWTH) if step else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Bucket bounds, counts (not cumulative; the last is above all bounds) and their sum."""
        return {"buckets_ms": list(BUCKETS_MS), "counts": list(self.counts), "timed": self.timed}
