"""The ground truth of a run: what was sent and what was answered, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from .model import SLUG, Kind, Outcome

CLICK = ("GET", 307)


class Key(NamedTuple):
    """What requests are counted by."""

    method: str
    route: str
    status: int


class Lost(NamedTuple):
    """A request that hop may have seen, but did not answer."""

    method: str
    route: str
    slug: str | None
    error: str


class Surprise(NamedTuple):
    """An answer that neither the plan nor an injected fault explains."""

    kind: str
    status: int


@dataclass(slots=True)
class Truth:
    """Counts of one run or of several.

    ``counts`` are the requests to user routes, ``internal`` those to probes.
    ``slow`` answers had a delay injected; ``maybe_slow`` ones took the client longer than
    the threshold without one, so hop's own clock may call them slow or not.
    Times are seconds since the epoch by the client's clock.
    """

    threshold_ms: float
    runs: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[Key] = field(default_factory=Counter)
    internal: Counter[Key] = field(default_factory=Counter)
    clicks: Counter[str] = field(default_factory=Counter)
    lost: Counter[Lost] = field(default_factory=Counter)
    surprises: Counter[Surprise] = field(default_factory=Counter)
    injected_failures: int = 0
    slow: int = 0
    maybe_slow: int = 0
    unsent: int = 0
    first: float | None = None
    last: float | None = None

    @property
    def total(self) -> int:
        """Answered requests to user routes."""
        return self.counts.total()

    @property
    def failed(self) -> int:
        """Those answered with a status of 500 or above."""
        return sum(n for key, n in self.counts.items() if key.status >= 500)

    @property
    def good(self) -> int:
        """Those answered with a lower status."""
        return self.total - self.failed

    def add(self, outcome: Outcome) -> None:
        """Count one request."""
        planned, shape = outcome.planned, outcome.planned.shape
        if outcome.status is None:
            self._add_unanswered(outcome)
            return
        key = Key(shape.method, shape.route, outcome.status)
        injected = planned.fault is not None and planned.fault.status == outcome.status
        if not injected and outcome.status not in shape.expect:
            self.surprises[Surprise(planned.kind.value, outcome.status)] += 1
        if planned.kind is Kind.PROBE:
            self.internal[key] += 1
            return
        self.counts[key] += 1
        self.injected_failures += injected
        self.first = min(self.first or outcome.began, outcome.began)
        self.last = max(self.last or outcome.ended, outcome.ended)
        if outcome.slug is not None and (shape.method, outcome.status) == CLICK:
            self.clicks[outcome.slug] += 1
        if planned.fault is not None and planned.fault.delay_ms is not None:
            self.slow += 1
        elif (outcome.ended - outcome.began) * 1000 > self.threshold_ms:
            self.maybe_slow += 1

    def _add_unanswered(self, outcome: Outcome) -> None:
        shape = outcome.planned.shape
        if not outcome.sent:
            self.unsent += 1
        elif outcome.planned.kind is not Kind.PROBE:
            slug = outcome.slug if shape.route == f"/{SLUG}" else None
            self.lost[Lost(shape.method, shape.route, slug, outcome.error)] += 1


def merge(first: Truth, second: Truth) -> Truth:
    """The truth of two runs against one hop."""
    begins = [t.first for t in (first, second) if t.first is not None]
    ends = [t.last for t in (first, second) if t.last is not None]
    return Truth(
        threshold_ms=first.threshold_ms,
        runs=first.runs + second.runs,
        counts=first.counts + second.counts,
        internal=first.internal + second.internal,
        clicks=first.clicks + second.clicks,
        lost=first.lost + second.lost,
        surprises=first.surprises + second.surprises,
        injected_failures=first.injected_failures + second.injected_failures,
        slow=first.slow + second.slow,
        maybe_slow=first.maybe_slow + second.maybe_slow,
        unsent=first.unsent + second.unsent,
        first=min(begins, default=None),
        last=max(ends, default=None),
    )
