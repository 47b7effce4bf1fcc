"""Plots over time as Vega-Lite specifications, made with Altair. Data in, chart out; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import altair as alt

from ..series import Left, Point, runs
from .theme import Chart, extent, rows

_DAY = 86_400
_GOAL_TEXT: dict[str, Any] = {"align": "left", "baseline": "top", "dx": 2, "dy": 4}
COLOURS = {"availability": "var(--availability)", "latency": "var(--latency)"}


def time_axis(first: int, last: int) -> alt.X:
    """Time in UTC, whatever the zone of the machine; ``first`` and ``last`` in seconds."""
    span = last - first
    form = "%H:%M:%S" if span <= 600 else "%H:%M" if span <= 2 * _DAY else "%d %b"
    axis = alt.Axis(
        title="UTC",
        format="%b %Y" if span > 400 * _DAY else form,
        labelOverlap=True,
        labelFlush=True,
        tickCount=6,
    )
    scale = alt.Scale(type="utc", domain=[first * 1000, last * 1000], nice=False)
    return alt.X("at:T", scale=scale, axis=axis)


# region: sli
def sli(points: Sequence[Point], target: float, colour: str) -> Chart:
    """The share of good events over time against the objective; a gap is left open.

    A thin line down shows the worst table window of a step, which the mean would hide; it
    ends at the plot's lower edge at the latest.
    """
    lines = [
        {"at": at * 1000, "share": point.share, "run": number}
        for number, run in enumerate(runs(points))
        for point in run
        for at in (point.start, point.end)
    ]
    # Of the steps alone: one bad window among thousands must not flatten the line.
    low = min(target, *(point.share for point in points))
    low = max(0.0, low - (1 - low) / 4)
    each = [
        {
            "at": (point.start + point.end) * 500,
            "share": point.share,
            "worst": max(point.worst, low),
            "missed": point.share < target,
        }
        for point in points
    ]
    x = time_axis(points[0].start, points[-1].end)
    digits = 0 if low < 0.9 else 1 if low < 0.99 else 2
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[low, 1], nice=False),
        axis=alt.Axis(
            title=None, format=f".{digits}%", tickCount=5, minExtent=extent([f"{1:.{digits}%}"])
        ),
    )
    data = rows(each)
    goal = rows([{"share": target, "at": points[0].start * 1000}])
    label = alt.Chart(goal).encode(x=x, y=y, text=alt.value(f"goal {target * 100:.6g} %"))
    return alt.layer(
        alt.Chart(data).mark_rule(color=colour, opacity=0.35).encode(x=x, y=y, y2="worst:Q"),
        alt.Chart(rows(lines))
        .mark_line(color=colour, strokeWidth=2, strokeCap="round")
        .encode(x=x, y=y, detail="run:N", order="at:Q"),
        alt.Chart(data)
        .transform_filter("datum.missed")
        .mark_point(color="var(--bad)", filled=True, opacity=1, size=40)
        .encode(x=x, y=y),
        alt.Chart(goal).mark_rule(color="var(--text)", strokeDash=[5, 4]).encode(y=y),
        # Twice: the first in the colour of the card, thick, so that a line behind it does not show.
        label.mark_text(**_GOAL_TEXT, stroke="var(--card)", strokeWidth=4),
        label.mark_text(**_GOAL_TEXT),
    )


# endregion


def burn_down(lines: Mapping[str, Sequence[Left]]) -> Chart:
    """The share of the error budget left over time, for each objective; below 0 it is overspent."""
    found = [
        {"at": point.at * 1000, "left": point.left, "objective": name}
        for name, line in lines.items()
        for point in line
    ]
    every = list(chain.from_iterable(lines.values()))
    x = time_axis(min(point.at for point in every), max(point.at for point in every))
    low = min(0.0, *(point.left for point in every))
    y = alt.Y(
        "left:Q",
        scale=alt.Scale(domain=[low, 1], nice=low < 0),
        axis=alt.Axis(
            title=None, format=",.0%", tickCount=5, minExtent=extent([f"{low:,.0%}", "100%"])
        ),
    )
    names = list(lines)
    colours = alt.Scale(domain=names, range=[COLOURS[name] for name in names])
    dashes = alt.Scale(domain=names, range=[[1, 0], [6, 3]][: len(names)])
    empty = rows([{"left": 0}])
    return alt.layer(
        alt.Chart(empty).mark_rule(color="var(--bad)", strokeWidth=1.5).encode(y=y),
        alt.Chart(rows(found))
        .mark_line(strokeWidth=2, interpolate="step-before")
        .encode(
            x=x,
            y=y,
            color=alt.Color("objective:N", scale=colours),
            strokeDash=alt.StrokeDash("objective:N", scale=dashes),
        ),
    )
