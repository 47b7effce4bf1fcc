"""The command line: arguments in, exit codes out."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta

from . import commands
from .arguments import parser
from .budget import Objective
from .errors import NoDataError, ObjectiveError, SlokitError
from .event import Event
from .log import Log, read_log
from .objectives import Service, load
from .sli import THRESHOLD_MS


def _service(args: argparse.Namespace) -> Service:
    if args.objectives is not None:
        return load(args.objectives, service=args.service)
    return Service("log", {"availability": Objective(args.objective)})


def _log(args: argparse.Namespace, service: Service | None) -> Log:
    def keep(event: Event) -> bool:
        return (args.release is None or event.release == args.release) and (
            args.colour is None or event.colour == args.colour
        )

    promised = service.threshold_ms if service else THRESHOLD_MS
    return read_log(
        args.logs,
        threshold_ms=args.threshold_ms or promised,
        window=args.window or (service.window if service else None),
        longest=max(pair.long for pair in service.burn) if service else timedelta(0),
        keep=keep if args.release or args.colour else None,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Usage errors leave by ``SystemExit(2)``."""
    args = parser().parse_args(argv)
    try:
        if args.verb == "parse":
            return commands.parse(args.logs)
        if args.verb == "tables":
            service = _service(args) if args.objectives else None
            promised = service.threshold_ms if service else THRESHOLD_MS
            threshold_ms = args.threshold_ms or promised
            return commands.tables(args.logs, args.window_s, threshold_ms, out=args.out)
        if args.verb == "sli":
            return commands.sli(_log(args, None), as_json=args.json)
        service = _service(args)
        log = _log(args, service)
        command = commands.budget if args.verb == "budget" else commands.gate
        return command(log, service, as_json=args.json)
    except SlokitError as error:
        sys.stdout.flush()
        print(f"slokit: {error}", file=sys.stderr)
        return {ObjectiveError: 2, NoDataError: 4}.get(type(error), 1)


def run() -> None:
    """The installed program: quiet when its reader goes away, 130 on Ctrl-C, 1 on a full disk."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON lines are UTF-8 in every locale
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except OSError as error:  # a log that cannot be read is a SlokitError
        code = 1
        print(f"slokit: cannot write the answer: {error.strerror}; look: df -h", file=sys.stderr)
        # Python would try to write the rest once more at its end, and complain in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
