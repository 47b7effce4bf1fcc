"""The verdict's figures over time: few enough points to draw, and no gap painted over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from slokit.budget import Objective
from slokit.sli import Counts

from .verdict import events

# Widths that a reader knows from clocks and calendars, in seconds, up to four weeks.
_WIDTHS = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200),
    *(86_400, 172_800, 604_800, 2_419_200),
)


@dataclass(frozen=True, slots=True)
class Point:
    """The share of good events from ``start`` to ``end``, seconds since the epoch.

    ``worst`` is the share in the worst table window between the two.
    """

    start: int
    end: int
    share: float
    worst: float
    total: int


@dataclass(frozen=True, slots=True)
class Left:
    """The share of the budget left at a time, and the failures until then."""

    at: int
    left: float
    failed: int


def width(windows: Mapping[int, Counts], window_s: int, *, limit: int) -> int:
    """The smallest usual width, in seconds, that covers the windows in ``limit`` steps or fewer."""
    if not windows:
        return window_s
    span = max(windows) + window_s - min(windows)
    usual = (s for s in _WIDTHS if s >= window_s and s % window_s == 0 and span <= s * limit)
    return next(usual, window_s * (span // window_s // limit + 1))


def points(windows: Mapping[int, Counts], step: int, name: str) -> list[Point]:
    """An objective's share of good events in steps; one without events is absent, not perfect."""
    found = []
    for start, rows in _steps(windows, step):
        each = [counted for row in rows if (counted := events(row, name)).total]
        if each:
            good, total = sum(one.good for one in each), sum(one.total for one in each)
            worst = min(one.good / one.total for one in each)
            found.append(Point(start, start + step, good / total, worst, total))
    return found


# region: burn_down
def burn_down(
    windows: Mapping[int, Counts], step: int, name: str, objective: Objective
) -> list[Left]:
    """What is left of the budget that all these events together have, step by step.

    It starts at 1 and ends at the verdict's figure. A budget of only the events so far
    would swing wildly at the start, when one failure is a large share of few requests.
    """
    budget = sum(events(row, name).total for row in windows.values()) * objective.allowed_failure
    if not budget:
        return []
    failed = 0
    line = [Left(min(windows), 1.0, 0)]
    for start, rows in _steps(windows, step):
        failed += sum(events(row, name).failed for row in rows)
        line.append(Left(start + step, float(1 - failed / budget), failed))
    return line


# endregion


def runs(found: Iterable[Point]) -> Iterator[list[Point]]:
    """The points in stretches without a gap, each to be drawn as one line."""
    stretch: list[Point] = []
    for point in found:
        if stretch and stretch[-1].end != point.start:
            yield stretch
            stretch = []
        stretch.append(point)
    if stretch:
        yield stretch


def _steps(windows: Mapping[int, Counts], step: int) -> Iterator[tuple[int, list[Counts]]]:
    by_step: dict[int, list[Counts]] = {}
    for start in sorted(windows):
        by_step.setdefault(start - start % step, []).append(windows[start])
    yield from by_step.items()
