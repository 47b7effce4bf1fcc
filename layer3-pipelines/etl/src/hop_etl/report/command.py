"""``hop-etl report``: the tables as one page."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .. import tables
from ..commit import reading
from ..errors import InputError
from ..verdict_cli import add_source, promised


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to ``hop-etl``."""
    parser = subparsers.add_parser(
        "report",
        help="one self-contained HTML page",
        description="Writes one page that needs no network, no script and no other file.",
    )
    add_source(parser)
    parser.add_argument(
        "--latency", type=Path, metavar="FILE", help="JSON with slokit's latency_histogram"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the page; returns the exit code."""
    # Late, since the plotting library takes a second to load and other commands need none.
    from . import latency, page

    histogram = latency.read(args.latency) if args.latency else None
    with reading(args.tables) as version:
        html = page.render(tables.read(version), promised(args), histogram)
    try:
        write(args.out, html)
    except OSError as error:
        raise InputError(f"cannot write {args.out}: {error.strerror}") from error
    print(args.out)
    return 0


def write(path: Path, text: str) -> None:
    """Replace a file in one step: whoever has the page open never loads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
