"""Multi-window, multi-burn-rate thresholds, computed from the budget and never typed.

Source: *The Site Reliability Workbook*, chapter 5, table 5-8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .budget import Events, Objective, burn_rate
from .errors import ObjectiveError


# region: alert_threshold
def alert_threshold(objective: Objective, *, spent: float, within: timedelta) -> float:
    """The burn rate that spends a share ``spent`` of the budget ``within`` a time.

    At burn rate ``b`` a time ``t`` spends ``b * t / window`` of the budget, hence
    ``b = spent * window / t``: 2 % within one hour of 30 days is 14.4.
    """
    return spent * (objective.window / within)


# endregion


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """One pair of windows: alert when both burn faster than ``spent`` within ``long``.

    The long window says that it matters, the short one that it is still going on.

    Raises:
        ObjectiveError: ``spent`` is no share, or not ``0 < short < long``.
    """

    spent: float
    long: timedelta
    short: timedelta
    severity: str

    def __post_init__(self) -> None:
        if not 0 < self.spent <= 1:
            raise ObjectiveError(f"spent must be a share above 0, at most 1, got {self.spent!r}")
        if not timedelta(0) < self.short < self.long:
            raise ObjectiveError(f"want 0 < short < long, got {self.short} and {self.long}")

    def threshold(self, objective: Objective) -> float:
        """The burn rate above which both windows must be."""
        return alert_threshold(objective, spent=self.spent, within=self.long)

    def fires(self, objective: Objective, *, long: Events, short: Events) -> bool:
        """Whether both windows burn faster than the threshold; no events never fire."""
        limit = self.threshold(objective)
        return all(e.total and burn_rate(e, objective) > limit for e in (long, short))


# The last pair follows Sloth: 10 % in a day is seen three times as early as in three days.
DEFAULT_BURN = (
    BurnWindow(0.02, timedelta(hours=1), timedelta(minutes=5), "page"),
    BurnWindow(0.05, timedelta(hours=6), timedelta(minutes=30), "page"),
    BurnWindow(0.10, timedelta(days=1), timedelta(hours=2), "ticket"),
)


def detection_time(
    failure: float, threshold: float, objective: Objective, *, within: timedelta
) -> timedelta | None:
    """How long a constant ``failure`` lasts before its mean over ``within`` crosses ``threshold``.

    The mean over a window of length ``w`` after a time ``t`` is ``failure * t / w``, so
    ``t = w * threshold * allowed / failure``; ``None`` (never) when that exceeds ``w``.
    """
    if failure <= 0:
        return None
    needed = within * (threshold * float(objective.allowed_failure) / failure)
    return needed if needed <= within else None
