"""The command line: arguments in, exit codes out."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from . import commands
from .budget import Objective
from .errors import NoDataError, ObjectiveError, SlokitError
from .event import Event
from .log import Log, read_log
from .objectives import Service, load
from .sli import THRESHOLD_MS

EXIT_CODES = """\
exit codes:
  0  ok; from gate: SHIP          3  gate: FREEZE, the budget is spent
  1  a log cannot be read         4  no data, or too little to judge
  2  wrong usage or objectives  130  interrupted
"""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3660)


def duration(text: str) -> timedelta:
    """``90s``, ``5m``, ``6h`` or ``30d``."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    length = match and timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if not length or length > _LONGEST:
        raise argparse.ArgumentTypeError(f"want a time such as 300s, 5m, 6h or 30d, got {text!r}")
    return length


def positive(text: str) -> float:
    """A number of milliseconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"want milliseconds above 0, got {text!r}")
    return number


def _parser() -> argparse.ArgumentParser:
    logs = argparse.ArgumentParser(add_help=False)
    logs.add_argument("logs", nargs="+", metavar="LOG", help="plain or gzip; - is standard input")
    counting = argparse.ArgumentParser(add_help=False, parents=[logs])
    counting.add_argument("--json", action="store_true", help="one JSON object on standard output")
    counting.add_argument(
        "--threshold-ms", type=positive, metavar="MS", help="slower is slow (250)"
    )
    counting.add_argument(
        "--window", type=duration, metavar="30d", help="the newest part of the log"
    )
    counting.add_argument("--release", help="only this release")
    counting.add_argument("--colour", help="only this colour")
    judging = argparse.ArgumentParser(add_help=False, parents=[counting])
    what = judging.add_mutually_exclusive_group(required=True)
    what.add_argument("--objective", type=float, metavar="0.995", help="of availability")
    what.add_argument("--objectives", type=Path, metavar="FILE", help="objectives.json")
    judging.add_argument("--service", default="hop", help="in --objectives (hop)")

    parser = argparse.ArgumentParser(
        prog="slokit",
        description="Access logs to SLI, error budget, burn rate and a release gate.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"slokit {version('slokit')}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for name, parent, summary, example in (
        (
            "parse",
            logs,
            "events as JSON lines; rejected lines on standard error",
            "access.log | head",
        ),
        ("sli", counting, "availability and latency", "--json access.log access.log.*.gz"),
        ("budget", judging, "error budget and burn rates", "--objective 0.995 access.log"),
        ("gate", judging, "may a release ship?", "--objectives objectives.json access.log"),
    ):
        verbs.add_parser(
            name,
            parents=[parent],
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  slokit {name} {example}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    return parser


def _service(args: argparse.Namespace) -> Service:
    if args.objectives is not None:
        return load(args.objectives, service=args.service)
    return Service("log", {"availability": Objective(args.objective)})


def _log(args: argparse.Namespace, threshold_ms: float, window: timedelta | None) -> Log:
    def keep(event: Event) -> bool:
        return (args.release is None or event.release == args.release) and (
            args.colour is None or event.colour == args.colour
        )

    return read_log(
        args.logs,
        threshold_ms=args.threshold_ms or threshold_ms,
        window=args.window or window,
        keep=keep if args.release or args.colour else None,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Usage errors leave by ``SystemExit(2)``."""
    args = _parser().parse_args(argv)
    try:
        if args.verb == "parse":
            return commands.parse(args.logs)
        if args.verb == "sli":
            return commands.sli(_log(args, THRESHOLD_MS, None), as_json=args.json)
        service = _service(args)
        log = _log(args, service.threshold_ms, service.window)
        command = commands.budget if args.verb == "budget" else commands.gate
        return command(log, service, as_json=args.json)
    except SlokitError as error:
        sys.stdout.flush()
        print(f"slokit: {error}", file=sys.stderr)
        return {ObjectiveError: 2, NoDataError: 4}.get(type(error), 1)


def run() -> None:
    """The installed program: quiet when its reader goes away, 130 on Ctrl-C."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
