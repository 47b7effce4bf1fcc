"""The arguments of the command line, their help and their checks."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

EXIT_CODES = """\
exit codes:
  0  ok; from gate: SHIP          3  gate: FREEZE, the budget is spent
  1  a log cannot be read, or     4  no data, or too little to judge
     the answer not be written  130  interrupted
  2  wrong usage or objectives
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


def divisor(text: str) -> int:
    """A number of seconds that divides an hour, so that each window lies in one."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text) or 3600 % int(text):
        raise argparse.ArgumentTypeError(f"want seconds that divide 3600, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
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

    tabled = argparse.ArgumentParser(add_help=False, parents=[logs])
    tabled.add_argument("--threshold-ms", type=positive, metavar="MS", help="slower is slow (250)")
    tabled.add_argument(
        "--window-s", type=divisor, default=300, metavar="S", help="of the sli (300)"
    )
    tabled.add_argument(
        "--objectives", type=Path, metavar="FILE", help="takes the threshold from it"
    )
    tabled.add_argument("--service", default="hop", help="in --objectives (hop)")
    tabled.add_argument("--out", type=Path, metavar="FILE", help="instead of standard output")

    top = argparse.ArgumentParser(
        prog="slokit",
        description="Access logs to SLI, error budget, burn rate and a release gate.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"slokit {version('slokit')}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for name, parent, summary, example in (
        (
            "parse",
            logs,
            "events as JSON lines; rejected lines on standard error",
            "access.log | head",
        ),
        ("sli", counting, "availability and latency", "--json access.log access.log.*.gz"),
        ("budget", judging, "error budget and burn rates", "--objective 0.995 access.log"),
        (
            "gate",
            judging,
            "says whether a release may ship",
            "--objectives objectives.json access.log",
        ),
        (
            "tables",
            tabled,
            "clicks, sli and rejects as one JSON object",
            "--window-s 300 --out tables.json access.log*",
        ),
    ):
        verbs.add_parser(
            name,
            parents=[parent],
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  slokit {name} {example}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    return top
