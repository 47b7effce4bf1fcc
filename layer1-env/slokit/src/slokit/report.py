"""Reports as plain dictionaries: what ``--json`` prints and the text is made from."""

from __future__ import annotations

from typing import Any

from .budget import Events, Objective, budget_left, burn_rate
from .gate import Decision
from .log import Log
from .objectives import Service
from .sli import Counts

Report = dict[str, Any]
_QUANTILES = (0.5, 0.95, 0.99)


def events_of(name: str, counts: Counts) -> Events:
    """The events that an objective called ``availability`` or ``latency`` judges."""
    return counts.latency_events if name == "latency" else counts.availability_events


def sli(log: Log) -> Report:
    """Availability and latency."""
    counts = log.counts
    whole = log.window is None  # the sketch knows no time: of a part of the log it can say nothing
    quantiles = {f"p{share * 100:g}": log.latency.quantile(share) for share in _QUANTILES}
    return {
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
        "latency_ms": quantiles if whole else None,
        "latency_histogram": log.latency.as_dict() if whole else None,
    }


def budget(log: Log, service: Service) -> Report:
    """Budget left and burn rates, by objective."""
    found = {name: _budget(log, service, name) for name in service.objectives}
    # one objective: its figures stand at the top as well, where a script looks first
    only = next(iter(found.values())) if len(found) == 1 else {}
    return {"service": service.name, **log.span(), **only, "objectives": found}


def _budget(log: Log, service: Service, name: str) -> Report:
    objective = service.objectives[name]
    events = events_of(name, log.counts)
    burn = []
    for pair in service.burn:
        long, short = (events_of(name, log.timeline.over(w)) for w in (pair.long, pair.short))
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


def gate(log: Log, service: Service, decision: Decision) -> Report:
    """The verdict, and each objective's part in it."""
    return {
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
