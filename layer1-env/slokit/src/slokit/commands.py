"""What the commands do, once the arguments are understood. Each returns an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from . import export, report, show
from .errors import NoDataError
from .event import Event
from .formats import REASONS
from .gate import Verdict, decide
from .log import Log
from .objectives import Service
from .parse import parse_line
from .read import lines


def parse(sources: Iterable[str]) -> int:
    """Events as JSON lines on standard output, rejected lines with their reason on the other."""
    write, accepted, rejected = sys.stdout.write, 0, 0
    for source in sources:
        for number, line in enumerate(lines(source), start=1):
            result = parse_line(line)
            if isinstance(result, Event):
                write(json.dumps(result.as_dict(), ensure_ascii=False) + "\n")
                accepted += 1
            else:
                rejected += 1
                print(f"{source}:{number}: {result}: {REASONS[result]}", file=sys.stderr)
    if not accepted:
        why = f"all {rejected:,} lines were rejected" if rejected else "not one line"
        raise NoDataError(f"no data: {why}; look: head LOG")
    return 0


def sli(log: Log, *, as_json: bool) -> int:
    """Availability and latency."""
    _print(report.sli(log), as_json=as_json, text=show.sli)
    return _done(log)


def budget(log: Log, service: Service, *, as_json: bool) -> int:
    """Budget left and burn rates, by objective."""
    _print(report.budget(log, service), as_json=as_json, text=show.budget)
    return _done(log)


def gate(log: Log, service: Service, *, as_json: bool) -> int:
    """Ship, freeze, or too little data to say."""
    counts = log.counts
    decision = decide({n: (o, report.events_of(n, counts)) for n, o in service.objectives.items()})
    _print(report.gate(log, service, decision), as_json=as_json, text=show.gate)
    return decision.verdict.exit_code


def tables(sources: Iterable[str], window_s: int, threshold_ms: float, *, out: Path | None) -> int:
    """The tables of the pipeline, in plain Python."""
    found = export.export(sources, window_s=window_s, threshold_ms=threshold_ms)
    if out is None:
        print(json.dumps(found, ensure_ascii=False))
    else:
        export.write(found, out)
    return 0


def _print(found: report.Report, *, as_json: bool, text: Callable[[report.Report], str]) -> None:
    print(json.dumps(found) if as_json else text(found))


def _done(log: Log) -> int:
    if log.counts.total:
        return 0
    rejected = log.rejects.total()
    why = f"all {rejected:,} lines were rejected" if rejected else "the logs hold no user request"
    print(f"slokit: no data: {why}; see why: slokit parse LOG", file=sys.stderr)
    return Verdict.NO_DATA.exit_code
