"""The verdict for a terminal and for a program."""

from __future__ import annotations

from typing import Any

from . import wording
from .verdict import Judgement, Standing

_HEAD = ("", "goal", "measured", "may fail", "failed", "left")


def table(judgement: Judgement) -> str:
    """The objectives and how they stand, and below them the verdict with its span and reason."""
    rows = [_HEAD, *(cells(standing) for standing in judgement.standings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 1 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(
        [*lines, f"{judgement.verdict} ({span(judgement)}); {judgement.reason}"],
    )


def span(judgement: Judgement) -> str:
    """Which time the figures are about, and which they are not."""
    if judgement.first is None:
        return "nothing measured"
    covered, window = wording.duration(judgement.span), wording.duration(judgement.window)
    return f"these {covered}" if covered == window else f"these {covered}, not {window}"


def name(standing: Standing) -> str:
    """The objective, with its threshold if it has one."""
    if standing.threshold_ms is None:
        return standing.check.name
    return f"{standing.check.name}, {standing.threshold_ms:g} ms"


def cells(standing: Standing) -> tuple[str, ...]:
    """One objective as a row: name, goal, measured, may fail, failed, left."""
    goal, events = wording.goal(standing.check.objective.target), standing.check.events
    if not events.total:
        return (name(standing), goal, "no data", "-", "-", "-")
    return (
        name(standing),
        goal,
        wording.percent(standing.measured),
        f"{standing.may_fail:,}",
        f"{events.failed:,}",
        wording.left(standing.left),
    )


def as_json(judgement: Judgement) -> dict[str, Any]:
    """The verdict as plain data; shares are 0 to 1, times RFC 3339, an absent figure is null."""
    return {
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "first": judgement.first.isoformat() if judgement.first else None,
        "last": judgement.last.isoformat() if judgement.last else None,
        "span_s": judgement.span.total_seconds(),
        "window_s": judgement.window.total_seconds(),
        "objectives": {each.check.name: _plain(each) for each in judgement.standings},
    }


def _plain(standing: Standing) -> dict[str, Any]:
    events, objective = standing.check.events, standing.check.objective
    return {
        "verdict": str(standing.check.verdict),
        "target": objective.target,
        "threshold_ms": standing.threshold_ms,
        "total": events.total,
        "good": events.good,
        "failed": events.failed,
        "measured": standing.measured,
        "may_fail": standing.may_fail,
        "left": standing.left,
        "least_events": objective.least_events,
        "burn": [
            {
                "severity": burning.pair.severity,
                "long_s": burning.pair.long.total_seconds(),
                "short_s": burning.pair.short.total_seconds(),
                "threshold": burning.threshold,
                "long": burning.rates[0],
                "short": burning.rates[1],
                "firing": burning.firing,
            }
            for burning in standing.burning
        ],
    }
