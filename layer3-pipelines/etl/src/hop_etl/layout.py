"""Files of a version: one Parquet file an hour, so that an unchanged hour is a hard link."""

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from hop_etl.manifest import Entry

_TIME: Final = pa.timestamp("us", tz="UTC")
SCHEMAS: Final = {
    "clicks": pa.schema(
        [("hour", _TIME), ("slug", pa.string()), ("clicks", pa.int64()), ("clients", pa.int64())]
    ),
    "sli": pa.schema(
        [
            ("hour", _TIME),
            ("window_start", _TIME),
            ("window_s", pa.int32()),
            ("route", pa.string()),
            ("release", pa.string()),
            ("colour", pa.string()),
            ("total", pa.int64()),
            ("good", pa.int64()),
            ("timed", pa.int64()),
            ("slow", pa.int64()),
            ("threshold_ms", pa.float64()),
        ]
    ),
    "rejects": pa.schema(
        [
            ("file", pa.string()),
            ("reason", pa.string()),
            ("sample", pa.string()),
            ("lines", pa.int64()),
        ]
    ),
}
HOURLY: Final = ("clicks", "sli")
CLICKS_JSONL: Final = "clicks.jsonl"


def prepare(version: Path) -> None:
    """Make the tables, each with a file of no rows, so that its columns are always known."""
    for table, schema in SCHEMAS.items():
        (version / table).mkdir(parents=True)
        pq.write_table(schema.empty_table(), version / table / "empty.parquet")


def hour_name(start: int) -> str:
    """``2026-11-23T10``, from seconds since 1970."""
    return f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H}"


def take_parts(parts: Path, table: Path) -> None:
    """Move what Spark wrote below ``part=<seconds>`` to one flat file an hour."""
    for folder in parts.glob("part=*"):
        name = hour_name(int(folder.name.removeprefix("part=")))
        for number, file in enumerate(sorted(folder.glob("*.parquet"))):
            file.rename(table / f"{name}{f'-{number}' if number else ''}.parquet")
    shutil.rmtree(parts)


def link_hours(before: Path, version: Path, hours: Iterable[int]) -> None:
    """Take unchanged hours over from the version before; the bytes are shared."""
    for table in HOURLY:
        for start in hours:
            for file in (before / table).glob(f"{hour_name(start)}*.parquet"):
                (version / table / file.name).hardlink_to(file)


def write_rejects(version: Path, entries: Iterable[Entry]) -> None:
    """The table of rejected lines: a few rows a file, whatever the size of the logs."""
    rows = sorted(
        (entry.file, reject.reason, reject.sample, reject.lines)
        for entry in entries
        for reject in entry.rejects
    )
    names = SCHEMAS["rejects"].names
    found = [dict(zip(names, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(found, schema=SCHEMAS["rejects"])
    pq.write_table(table, version / "rejects" / "rejects.parquet")


def write_clicks_jsonl(version: Path) -> None:
    """What ``hop load-clicks`` takes, an hour at a time, sorted by hour and slug."""
    with (version / CLICKS_JSONL).open("w", encoding="utf-8") as out:
        for file in sorted((version / "clicks").glob("[0-9]*.parquet")):
            clicks = pq.read_table(file).sort_by("slug")
            hour = file.name[: len("2026-11-23T10")]
            columns = (clicks[name].to_pylist() for name in ("slug", "clicks", "clients"))
            out.writelines(
                f'{{"hour":"{hour}:00:00Z","slug":{json.dumps(slug)},'
                f'"clicks":{count},"clients":{clients}}}\n'
                for slug, count, clients in zip(*columns, strict=True)
            )


def count_rows(version: Path, table: str) -> int:
    """Rows of a table, from the files' footers."""
    return sum(pq.read_metadata(file).num_rows for file in (version / table).iterdir())


def has_values(folder: Path, column: str) -> bool:
    """Whether a column holds more than nulls, from the files' footers; not known counts as yes."""
    for file in folder.glob("*.parquet"):
        found = pq.read_metadata(file)
        at = found.schema.names.index(column)
        for group in map(found.row_group, range(found.num_row_groups)):
            known = group.column(at).statistics
            nulls = known.null_count if known is not None and known.has_null_count else 0
            if nulls < group.num_rows:
                return True
    return False
