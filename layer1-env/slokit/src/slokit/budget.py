"""Error budgets and burn rates, from first principles.

A service with objective ``o`` may fail a share ``1 - o`` of its requests over the objective's
window. The *burn rate* is how many times faster than that it is failing: at burn rate 1 the
budget lasts exactly the window.

Source: Beyer et al., *The Site Reliability Workbook*, chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from .errors import NoDataError, ObjectiveError


@dataclass(frozen=True, slots=True)
class Objective:
    """A share of good events to reach over a window.

    Raises:
        ObjectiveError: ``target`` is not strictly between 0 and 1: a target of 1 leaves no
            budget, so every burn rate would be infinite. Or the window is not positive.
    """

    target: float
    window: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        if not 0 < self.target < 1:
            raise ObjectiveError(
                f"objective must lie strictly between 0 and 1, got {self.target!r}; 99.5 % is 0.995"
            )
        if self.window <= timedelta(0):
            raise ObjectiveError(f"window must be longer than nothing, got {self.window}")

    @property
    def allowed_failure(self) -> Fraction:
        """The share of events that may fail, exactly.

        A fraction of the digits as typed: ``1 - 0.995`` in floats is 0.005000000000000004, and 25
        failures of 5,000 would then not spend a budget of 25.
        """
        return 1 - Fraction(repr(self.target))

    @property
    def least_events(self) -> int:
        """With fewer events than this, not one may fail: too few to judge by."""
        return math.ceil(1 / self.allowed_failure)

    def may_fail(self, total: int) -> int:
        """How many of ``total`` events may fail."""
        return math.floor(self.allowed_failure * total)


@dataclass(frozen=True, slots=True)
class Events:
    """Counted events; ``good`` of ``total``.

    Raises:
        ValueError: more good events than events, or a negative count.
    """

    good: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.good <= self.total:
            raise ValueError(f"want 0 <= good <= total, got {self.good} of {self.total}")

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.total - self.good

    @property
    def failure(self) -> Fraction:
        """The share of events that failed.

        Raises:
            NoDataError: nothing was counted. No traffic is not a perfect record.
        """
        if self.total == 0:
            raise NoDataError("no events in the window")
        return Fraction(self.failed, self.total)

    def __add__(self, other: Events) -> Events:
        return Events(self.good + other.good, self.total + other.total)


def burn_rate(events: Events, objective: Objective) -> float:
    """How many times faster than allowed the budget is being spent.

    Raises:
        NoDataError: no events.
    """
    return float(events.failure / objective.allowed_failure)


def budget_left(events: Events, objective: Objective) -> float:
    """The share of the window's budget that remains; negative when overspent.

    Raises:
        NoDataError: no events.
    """
    return float(1 - events.failure / objective.allowed_failure)


def whole_percent(share: float) -> str:
    """A share of a budget as text, rounded down so that it never flatters."""
    # first to 9 digits: 0.29 * 100 is 28.999999999999996 in floats, and no 28 %
    return f"{math.floor(round(share * 100, 9))} %"
