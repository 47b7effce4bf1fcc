"""May a release ship? From the tables to slokit's decision, with the figures behind it.

Nothing is decided here: the windows that count are ``slokit.sli.rolling``'s and the decision
is ``slokit.gate``'s, so that the tables and ``slokit gate`` cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slokit.budget import Events, Objective, budget_left, burn_rate
from slokit.burn import BurnWindow
from slokit.gate import Check, Verdict, check, decide
from slokit.objectives import Service
from slokit.sli import Counts, rolling

from .errors import InputError
from .tables import Tables


@dataclass(frozen=True, slots=True)
class Burning:
    """One alert's two windows at the newest event."""

    pair: BurnWindow
    objective: Objective
    long: Events
    short: Events

    @property
    def threshold(self) -> float:
        """The burn rate above which both must be."""
        return self.pair.threshold(self.objective)

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Burn rates over the long and the short window; None without events."""
        long, short = (
            burn_rate(events, self.objective) if events.total else None
            for events in (self.long, self.short)
        )
        return long, short

    @property
    def firing(self) -> bool:
        """Whether the alert would fire."""
        return self.pair.fires(self.objective, long=self.long, short=self.short)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one objective stands. ``threshold_ms`` is None where durations do not matter."""

    check: Check
    threshold_ms: float | None
    burning: tuple[Burning, ...]

    @property
    def may_fail(self) -> int:
        """How many of these events may fail."""
        return self.check.objective.may_fail(self.check.events.total)

    @property
    def measured(self) -> float | None:
        """The share of good events; None without events, never 1."""
        events = self.check.events
        return events.good / events.total if events.total else None

    @property
    def left(self) -> float | None:
        """The share of the error budget that remains, negative when overspent."""
        events = self.check.events
        return budget_left(events, self.check.objective) if events.total else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, why, and the span of the events behind it."""

    verdict: Verdict
    reason: str
    first: datetime | None
    last: datetime | None
    window: timedelta
    standings: tuple[Standing, ...]

    @property
    def span(self) -> timedelta:
        """From the first to the last event that was judged."""
        return self.last - self.first if self.first and self.last else timedelta(0)


# region: judge
def judge(tables: Tables, service: Service) -> Judgement:
    """Judge what the tables hold over the objectives' window, which ends at the newest event.

    Raises:
        InputError: "slow" was counted with another threshold than the objective's.
    """
    if tables.threshold_ms not in (None, service.threshold_ms):
        raise InputError(
            f"in the tables slow is above {tables.threshold_ms:g} ms,"
            f" in the objectives above {service.threshold_ms:g} ms",
            hint="run the ETL again with these objectives",
        )
    standings = tuple(_standing(name, tables, service) for name in service.objectives)
    decision = decide(
        {each.check.name: (each.check.objective, each.check.events) for each in standings}
    )
    first = tables.first
    if tables.windows and first:
        oldest = max(tables.windows) + tables.window_s - int(service.window.total_seconds())
        # Where the events before the window are long past, its own begin later than it does.
        began = min(start for start in tables.windows if start >= oldest)
        first = max(first, datetime.fromtimestamp(began, UTC))
    return Judgement(
        decision.verdict, decision.reason, first, tables.last, service.window, standings
    )


# endregion


def events(counts: Counts, name: str) -> Events:
    """What an objective counts: all requests, or for latency those with a known duration."""
    return counts.availability_events if name == "availability" else counts.latency_events


def _standing(name: str, tables: Tables, service: Service) -> Standing:
    objective = service.objectives[name]

    def over(length: timedelta) -> Events:
        return events(rolling(tables.windows, length, window_s=tables.window_s), name)

    return Standing(
        check=check(name, objective, over(objective.window)),
        threshold_ms=service.threshold_ms if name == "latency" else None,
        burning=tuple(
            Burning(pair, objective, over(pair.long), over(pair.short)) for pair in service.burn
        ),
    )
