"""May this release ship?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .budget import Events, Objective, budget_left, whole_percent


class Verdict(StrEnum):
    """What the gate says."""

    SHIP = "SHIP"
    FREEZE = "FREEZE"
    NO_DATA = "NO DATA"

    @property
    def exit_code(self) -> int:
        """0, 3 or 4: what a pipeline branches on."""
        return {"SHIP": 0, "FREEZE": 3, "NO DATA": 4}[self.value]


@dataclass(frozen=True, slots=True)
class Check:
    """One objective, judged."""

    name: str
    objective: Objective
    events: Events
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All objectives, judged; the worst one decides."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """FREEZE if a budget is spent, else NO DATA if one cannot be judged, else SHIP.

        An objective without any event has no say where another has some: most servers log no
        durations, and their releases are judged by availability alone.
        """
        found = {check.verdict for check in self._heard}
        if Verdict.FREEZE in found:
            return Verdict.FREEZE
        return Verdict.SHIP if found == {Verdict.SHIP} else Verdict.NO_DATA

    @property
    def reason(self) -> str:
        """Why, for each objective that led to the verdict."""
        reasons = [check.reason for check in self._heard if check.verdict is self.verdict]
        return "; ".join(reasons) or "no objective"

    @property
    def _heard(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.events.total) or self.checks


# region: check
def check(name: str, objective: Objective, events: Events) -> Check:
    """Judge one objective over its window.

    Too little data comes first: with fewer than ``1 / (1 - objective)`` events a single failure
    would spend the whole budget, and none would prove nothing. A budget used up exactly is spent.
    """
    failed, may_fail = events.failed, objective.may_fail(events.total)
    if events.total < objective.least_events:
        verdict = Verdict.NO_DATA
        reason = f"{name}: {events.total:,} events, {objective.least_events:,} are needed to judge"
    elif events.failure >= objective.allowed_failure:
        verdict = Verdict.FREEZE
        reason = f"{name}: {failed:,} failed, {may_fail:,} may: the budget is spent"
    else:
        verdict = Verdict.SHIP
        left = whole_percent(budget_left(events, objective))
        reason = f"{name}: {failed:,} failed, {may_fail:,} may: {left} of the budget left"
    return Check(name, objective, events, verdict, reason)


# endregion


def decide(objectives: dict[str, tuple[Objective, Events]]) -> Decision:
    """Judge a release by every objective.

    Args:
        objectives: by name, the objective and the events of its window.
    """
    return Decision(tuple(check(name, *pair) for name, pair in objectives.items()))
