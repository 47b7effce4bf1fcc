"""The three tables as sorted rows: two results are equal when these are."""

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_TIME: Final = pa.timestamp("us", tz="UTC")
COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "clicks": {"hour": _TIME, "slug": pa.string(), "clicks": pa.int64(), "clients": pa.int64()},
    "sli": {
        "hour": _TIME,
        "window_start": _TIME,
        "window_s": pa.int32(),
        "route": pa.string(),
        "release": pa.string(),
        "colour": pa.string(),
        "total": pa.int64(),
        "good": pa.int64(),
        "timed": pa.int64(),
        "slow": pa.int64(),
        "threshold_ms": pa.float64(),
    },
    "rejects": {
        "file": pa.string(),
        "reason": pa.string(),
        "sample": pa.string(),
        "lines": pa.int64(),
    },
}
Rows = dict[str, list[tuple[Any, ...]]]


def rows(folder: Path) -> Rows:
    """All rows of the tables below ``folder``, in the contracted columns and types, sorted."""
    found: Rows = {}
    for name, columns in COLUMNS.items():
        table = pq.read_table(folder / name).select(list(columns))
        # A time without a zone is Spark's old INT96, which is UTC by definition.
        plain = table.cast(pa.schema(list(columns.items()))).to_pydict()
        found[name] = sorted(zip(*plain.values(), strict=True), key=repr)
    return found


def digest(tables: Rows) -> str:
    """A short name for all rows: equal tables have the same, whoever wrote them and how."""
    return sha256(repr(sorted(tables.items())).encode()).hexdigest()[:12]


def difference(expected: Rows, actual: Rows) -> str:
    """The first rows that differ, or nothing."""
    for name, wanted in expected.items():
        if wanted != actual[name]:
            missing = sorted(set(wanted) - set(actual[name]), key=repr)[:1]
            added = sorted(set(actual[name]) - set(wanted), key=repr)[:1]
            sizes = f"{len(wanted)} rows expected, {len(actual[name])} found"
            return f"{name}: {sizes}; missing {missing}, unexpected {added}"
    return ""
