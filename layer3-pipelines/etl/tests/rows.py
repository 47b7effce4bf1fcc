"""Tables as sorted rows, from Parquet and from slokit: equal when these are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hop_etl.layout import SCHEMAS
from slokit.tables import build


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [("", "") if one is None else ("x", one) for one in row])


def written(version: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The three tables of a version, in the contract's columns and types."""
    found = {}
    for name, schema in SCHEMAS.items():
        table = pq.read_table(version / name)
        assert table.column_names == schema.names
        assert table.schema.field(0).type == schema.field(0).type
        columns = table.to_pydict().values()
        found[name] = _sorted(list(zip(*columns, strict=True)))
    return found


def expected(*logs: Path, **options: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The same by slokit's plain Python."""
    tables = build([str(log) for log in logs], **options)
    return {name: _sorted([tuple(row) for row in getattr(tables, name)]) for name in SCHEMAS}


def inodes(version: Path) -> dict[str, int]:
    """Which file holds which hour: the same inode, the same bytes."""
    files = [*version.glob("sli/[0-9]*"), *version.glob("clicks/[0-9]*")]
    return {str(file.relative_to(version)): file.stat().st_ino for file in files}
