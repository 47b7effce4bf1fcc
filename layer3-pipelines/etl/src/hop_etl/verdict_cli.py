"""``hop-etl verdict``: may a release ship, by what the tables hold?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from slokit.errors import ObjectiveError
from slokit.gate import Verdict
from slokit.objectives import Service, load

from . import tables, verdict_text
from .commit import reading
from .errors import InputError, NoData
from .verdict import judge


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to ``hop-etl``."""
    parser = subparsers.add_parser(
        "verdict",
        help="SHIP or FREEZE, from the tables",
        description="Both SHIP and FREEZE exit 0: the run worked. Exit 4: too little data.",
    )
    add_source(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=run)


def add_source(parser: argparse.ArgumentParser) -> None:
    """Options that name the tables and what is promised."""
    parser.add_argument("--tables", type=Path, required=True, metavar="DIR")
    parser.add_argument("--objectives", type=Path, required=True, metavar="FILE")
    parser.add_argument("--service", default="hop", metavar="NAME")


def promised(args: argparse.Namespace) -> Service:
    """The objectives that the options name.

    Raises:
        InputError: they cannot be read; the message names the file.
    """
    try:
        return load(args.objectives, service=args.service)
    except ObjectiveError as error:
        raise InputError(str(error), hint="python layer5-sre/slo/generate.py") from error


def run(args: argparse.Namespace) -> int:
    """Print the verdict; returns the exit code."""
    with reading(args.tables) as version:
        judgement = judge(tables.read(version), promised(args))
    if args.json:
        print(json.dumps(verdict_text.as_json(judgement), indent=2))
    else:
        print(verdict_text.table(judgement))
    return NoData.exit_code if judgement.verdict is Verdict.NO_DATA else 0
