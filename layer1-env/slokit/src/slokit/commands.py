"""What the commands do, once the arguments are understood. Each returns an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from . import show
from .budget import Events, Objective, budget_left, burn_rate
from .event import Event
from .formats import REASONS
from .gate import Verdict, decide
from .log import Log
from .objectives import Service
from .parse import parse_line
from .read import lines
from .sli import Counts

NO_DATA = Verdict.NO_DATA.exit_code
_QUANTILES = (0.5, 0.95, 0.99)


def parse(sources: Iterable[str]) -> int:
    """Events as JSON lines on standard output, rejected lines with their reason on the other."""
    write = sys.stdout.write
    for source in sources:
        for number, line in enumerate(lines(source), start=1):
            result = parse_line(line)
            if isinstance(result, Event):
                write(json.dumps(result.as_dict(), ensure_ascii=False) + "\n")
            else:
                print(f"{source}:{number}: {result}: {REASONS[result]}", file=sys.stderr)
    return 0


def sli(log: Log, *, as_json: bool) -> int:
    """Availability and latency."""
    counts = log.counts
    whole = log.window is None  # the sketch knows no time: of a part of the log it can say nothing
    report = {
        "total": counts.total,
        "good": counts.good,
        "slow": counts.slow,
        "rejected": log.rejects.total(),
        "availability": counts.availability,
        "latency": counts.latency,
        "timed": counts.timed,
        "threshold_ms": log.timeline.threshold_ms,
        **log.span(),
        "rejects": dict(sorted(log.rejects.items())),
        "latency_ms": {f"p{q * 100:g}": log.latency.quantile(q) for q in _QUANTILES}
        if whole
        else None,
        "latency_histogram": log.latency.as_dict() if whole else None,
    }
    _print(report, as_json=as_json, text=show.sli)
    return _done(log, counts)


def budget(log: Log, service: Service, *, as_json: bool) -> int:
    """Budget left and burn rates, by objective."""
    counts = log.counts
    found = {name: _budget(log, service, name, counts) for name in service.objectives}
    _print(
        {"service": service.name, **log.span(), "objectives": found},
        as_json=as_json,
        text=show.budget,
    )
    return _done(log, counts)


def gate(log: Log, service: Service, *, as_json: bool) -> int:
    """Ship, freeze, or too little data to say."""
    counts = log.counts
    decision = decide({n: (o, events_of(n, counts)) for n, o in service.objectives.items()})
    report = {
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "service": service.name,
        **log.span(),
        "objectives": {
            check.name: {
                "verdict": check.verdict.value,
                "reason": check.reason,
                "objective": check.objective.target,
                "total": check.events.total,
                "failed": check.events.failed,
                "may_fail": check.objective.may_fail(check.events.total),
            }
            for check in decision.checks
        },
    }
    _print(report, as_json=as_json, text=show.gate)
    return decision.verdict.exit_code


def events_of(name: str, counts: Counts) -> Events:
    """The events that an objective called ``availability`` or ``latency`` judges."""
    return counts.latency_events if name == "latency" else counts.availability_events


def _budget(log: Log, service: Service, name: str, counts: Counts) -> dict[str, Any]:
    objective = service.objectives[name]
    events = events_of(name, counts)
    burn = []
    for pair in service.burn:
        long, short = (
            events_of(name, log.timeline.over(length)) for length in (pair.long, pair.short)
        )
        burn.append(
            {
                "severity": pair.severity,
                "long_s": int(pair.long.total_seconds()),
                "short_s": int(pair.short.total_seconds()),
                "threshold": pair.threshold(objective),
                "long": _rate(long, objective),
                "short": _rate(short, objective),
                "fires": pair.fires(objective, long=long, short=short),
            }
        )
    return {
        "objective": objective.target,
        "total": events.total,
        "good": events.good,
        "failed": events.failed,
        "may_fail": objective.may_fail(events.total),
        "left": budget_left(events, objective) if events.total else None,
        "burn_rate": _rate(events, objective),
        "burn": burn,
    }


def _rate(events: Events, objective: Objective) -> float | None:
    return burn_rate(events, objective) if events.total else None


def _print(report: dict[str, Any], *, as_json: bool, text: Any) -> None:
    print(json.dumps(report) if as_json else text(report))


def _done(log: Log, counts: Counts) -> int:
    if counts.total:
        return 0
    rejected = log.rejects.total()
    why = f"all {rejected:,} lines were rejected" if rejected else "the logs hold no user request"
    print(f"slokit: no data: {why}; see why: slokit parse LOG", file=sys.stderr)
    return NO_DATA
