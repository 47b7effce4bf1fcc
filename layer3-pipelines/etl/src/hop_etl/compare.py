"""``hop-etl compare``: Spark's tables against slokit's, or those of another run, row by row."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from hop_etl.commit import reading
from hop_etl.errors import EtlError, InputError
from hop_etl.rows import COLUMNS, Rows, difference, digest, rows

TOTALS = ("lines", "accepted", "rejected")


class Different(EtlError):  # noqa: N818 - named for what was found, like its siblings
    """Two programs read the same logs and do not say the same."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to ``hop-etl``."""
    parser = subparsers.add_parser(
        "compare",
        help="the tables against slokit's or another run's, row by row",
        description="Exit 0: equal. Exit 1: different; the first rows that differ are shown.",
    )
    parser.add_argument("--tables", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--reference",
        type=Path,
        required=True,
        metavar="PATH",
        help="a file from slokit tables --out, or other tables",
    )
    parser.set_defaults(run=_run)


def tables_at(tables: Path) -> tuple[dict[str, int], Rows]:
    """Totals and sorted rows of the current version of some tables.

    Raises:
        InputError: there are none.
    """
    with reading(tables) as version:
        manifest = json.loads((version / "manifest.json").read_text("utf-8"))
        return {name: manifest[name] for name in TOTALS}, rows(version)


def reference(path: Path) -> tuple[dict[str, int], Rows]:
    """Totals and sorted rows of what ``slokit tables`` or another run wrote.

    Raises:
        InputError: it is missing, or neither of the two.
    """
    if path.is_dir():
        return tables_at(path)
    try:
        found = json.loads(path.read_text("utf-8"))
        totals = {name: int(found[name]) for name in TOTALS}
        tables = {
            name: sorted(
                (tuple(_value(c, row[c]) for c in columns) for row in found[name]), key=repr
            )
            for name, columns in COLUMNS.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "slokit tables --out FILE LOG..."
        raise InputError(f"cannot read {path}: {error!r}", hint=hint) from error
    return totals, tables


def _value(column: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if column in ("hour", "window_start") else value


def compare(tables: Path, expected: Path) -> str:
    """One line that says how much is equal.

    Raises:
        Different: a total or a row is not.
        InputError: one side cannot be read.
    """
    totals, wanted = reference(expected)
    counted, found = tables_at(tables)
    whose = "the reference" if expected.is_dir() else "slokit"
    if counted != totals:
        raise Different(f"{whose} counted {totals}, Spark {counted}")
    if differs := difference(wanted, found):
        raise Different(f"Spark's tables are not those of {whose}: {differs}")
    sizes = ", ".join(f"{len(there):,} {name}" for name, there in found.items())
    return f"equal: {totals['lines']:,} lines; rows: {sizes}; digest {digest(found)}"


def _run(args: argparse.Namespace) -> int:
    print(compare(args.tables, args.reference))
    return 0
