"""``hop-etl``: from access logs to tables, verdict and report."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from hop_etl import compare, verdict_cli
from hop_etl.errors import EtlError
from hop_etl.report import command as report_command
from hop_etl.run import Result, run
from slokit.errors import SlokitError
from slokit.objectives import load
from slokit.sli import THRESHOLD_MS, WINDOW_S


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``run`` to ``hop-etl``."""
    parser = subparsers.add_parser(
        "run",
        help="logs to tables",
        description="Exit: 0 done, 1 unreadable log, 2 usage, 4 no line, 69 no Java, 75 busy.",
    )
    parser.add_argument("logs", nargs="+", metavar="LOG", help="access log, plain or gzip")
    parser.add_argument("--tables", type=Path, required=True, metavar="DIR", help="link to make")
    parser.add_argument(
        "--objectives", type=Path, metavar="FILE", help="objectives.json: the latency threshold"
    )
    parser.add_argument("--service", default="hop", metavar="NAME")
    parser.add_argument("--window-s", type=int, default=WINDOW_S, metavar="SECONDS")
    parser.add_argument("--master", metavar="URL", help="Spark master; default HOP_SPARK_MASTER")
    parser.add_argument("--json", action="store_true", help="the manifest on standard output")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    if args.master:
        os.environ["HOP_SPARK_MASTER"] = args.master
    threshold = THRESHOLD_MS
    if args.objectives is not None:
        promised = load(args.objectives, service=args.service).threshold_ms
        threshold = THRESHOLD_MS if promised is None else promised
    result = run(args.logs, args.tables, window_s=args.window_s, threshold_ms=threshold)
    print(json.dumps(result.manifest) if args.json else summary(result))
    return 0


def summary(result: Result) -> str:
    """The run in one line, and one more for each kind of rejected line."""
    found = result.manifest
    lines, accepted, rejected = (found[key] for key in ("lines", "accepted", "rejected"))
    head = f"{lines:,} lines = {accepted:,} accepted + {rejected:,} rejected"
    done = f"{found['hours_written']} of {found['hours']} hours written"
    spark = "" if result.spark_started else ", Spark not started"
    rejects = [
        f"  {one['file']}: {reject['lines']:,} {reject['reason']}, {reject['sample']!r}"
        for one in found["inputs"]
        for reject in one["rejects"]
    ]
    return "\n".join([f"{head}; {done if result.changed else 'unchanged'}{spark}", *rejects])


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is that of the error tree."""
    parser = argparse.ArgumentParser(prog="hop-etl", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_parser, compare.add_parser, verdict_cli.add_parser, report_command.add_parser):
        add(subparsers)
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code: int = args.run(args)
    except EtlError as error:
        print(f"hop-etl: {error}", file=sys.stderr)
        return error.exit_code
    except SlokitError as error:
        print(f"hop-etl: {error}", file=sys.stderr)
        return EtlError.exit_code
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("hop-etl: the disk is full; nothing was changed\n  next: df -h", file=sys.stderr)
        return EtlError.exit_code
    except KeyboardInterrupt:
        print("hop-etl: interrupted; nothing was changed", file=sys.stderr)
        return 128 + signal.SIGINT
    return code


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
