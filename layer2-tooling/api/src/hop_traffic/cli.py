"""``hop-traffic``: send traffic with a known ground truth, or check a log against it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from . import check, logfile, truthfile
from .errors import TrafficError
from .options import check_parser, send_parser, to_run
from .run import Ending, Run, execute


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        The exit code; see ``options.EXIT_CODES``.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _check(words[1:]) if words[:1] == ["check"] else _send(words)
    except TrafficError as error:
        print(f"hop-traffic: {error}", file=sys.stderr)
        return error.code


def _send(words: Sequence[str]) -> int:
    args = send_parser().parse_args(words)
    run = to_run(args)
    ending = execute(run)
    print(json.dumps(truthfile.to_json(ending.truth)) if args.json else _summary(run, ending))
    if ending.gone:
        print(f"hop-traffic: {ending.gone} after {_sent(ending):,} requests", file=sys.stderr)
        return ending.gone.code
    if ending.signal:
        return 128 + ending.signal
    if ending.truth.unsent:
        missing = f"{ending.truth.unsent:,} requests were for links that were not made"
        print(f"hop-traffic: {missing}: see surprises in {run.truth}", file=sys.stderr)
        return 1
    return 1 if args.strict and (ending.truth.surprises or ending.truth.lost) else 0


def _sent(ending: Ending) -> int:
    truth = ending.truth
    return truth.total + truth.internal.total() + truth.lost.total()


def _summary(run: Run, ending: Ending) -> str:
    truth = ending.truth
    parts = [
        f"{_sent(ending):,} requests in {ending.seconds:.1f} s",
        f"{truth.total:,} to user routes",
        f"{truth.failed:,} failed ({truth.injected_failures:,} injected)",
        f"{truth.slow:,} slow",
    ]
    for word, number in (
        ("unexpected", truth.surprises.total()),
        ("without an answer", truth.lost.total()),
        ("not sent", truth.unsent),
    ):
        if number:
            parts.append(f"{number:,} {word}")
    if ending.lag_s > 1:
        parts.append(f"up to {ending.lag_s:.1f} s behind the schedule")
    return f"{', '.join(parts)}; truth: {run.truth}"


def _check(words: Sequence[str]) -> int:
    args = check_parser().parse_args(words)
    truth = truthfile.read(args.truth)
    logged = check.count(
        logfile.read(args.logs),
        threshold_ms=truth.threshold_ms,
        internal=logfile.internal_routes(),
    )
    found = list(check.differences(truth, logged))
    for difference in found:
        print(difference)
    if not found:
        print(f"log and truth agree on {truth.total:,} requests, {truth.clicks.total():,} clicks")
    return 1 if found else 0
