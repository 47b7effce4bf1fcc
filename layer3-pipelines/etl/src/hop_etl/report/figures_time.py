"""What happened when: the objectives and their budgets over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from slokit.sli import Counts

from .. import series, wording
from ..verdict import Judgement, Standing
from . import charts_time
from .figure import Figure, drawn

# As many steps as a plot can show; as many rows as a reader reads.
PLOT_STEPS, TABLE_STEPS = 180, 24


def sli(standing: Standing, windows: Mapping[int, Counts], window_s: int) -> Figure:
    """The share of good events over time."""
    name, target = standing.check.name, standing.check.objective.target
    title = "Availability over time"
    if standing.threshold_ms is not None:
        title = f"Answered within {standing.threshold_ms:g} ms, over time"
    step = series.width(windows, window_s, limit=PLOT_STEPS)
    points = series.points(windows, step, name)
    if not points:
        return Figure(title, f"No data: nothing was counted that {name} could be told from.")
    missed = sum(point.share < target for point in points)
    text = (
        f"{wording.count(len(points), 'step')} of {_length(step)}, {missed} of them below the goal"
        f" of {wording.goal(target)}. Lowest {wording.percent(min(p.share for p in points))}."
    )
    if step > window_s:
        text += (
            f" Thin lines reach down towards the worst {_length(window_s)} of each step,"
            f" at the lowest {wording.percent(min(point.worst for point in points))}."
        )
    rows = series.points(windows, series.width(windows, window_s, limit=TABLE_STEPS), name)
    return Figure(
        title,
        text,
        *drawn(charts_time.sli(points, target, charts_time.COLOURS[name]), 220),
        head=("from", "to", "requests", "good"),
        rows=tuple(
            (_at(p.start), _at(p.end), f"{p.total:,}", wording.percent(p.share)) for p in rows
        ),
    )


def burn_down(judgement: Judgement, windows: Mapping[int, Counts], window_s: int) -> Figure:
    """What was left of each budget, over time."""
    title = "Error budget left"
    lines = {
        standing.check.name: line
        for standing in judgement.standings
        if (line := _line(standing, windows, window_s, PLOT_STEPS))
    }
    if not lines:
        return Figure(title, "No data: no request was counted, so there is no budget.")
    left = [f"{name} {wording.left(line[-1].left)}" for name, line in lines.items()]
    rows = [
        (_at(point.at), standing.check.name, f"{point.failed:,}", wording.left(point.left))
        for standing in judgement.standings
        for point in _line(standing, windows, window_s, TABLE_STEPS)
    ]
    return Figure(
        title,
        f"Left at the end: {', '.join(left)}. 100 % is what all requests of this span may fail;"
        " at 0 % the budget is spent.",
        *drawn(charts_time.burn_down(lines), 240),
        head=("until", "objective", "failed so far", "left"),
        rows=tuple(rows),
    )


def _line(
    standing: Standing, windows: Mapping[int, Counts], window_s: int, limit: int
) -> list[series.Left]:
    step = series.width(windows, window_s, limit=limit)
    return series.burn_down(windows, step, standing.check.name, standing.check.objective)


def _at(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%d %b %H:%M:%S}"


def _length(seconds: int) -> str:
    return wording.duration(timedelta(seconds=seconds))
