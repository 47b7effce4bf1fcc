"""Tables in the contract's schema, written without Spark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TIME = pa.timestamp("us", tz="UTC")
SLI = pa.schema(
    [
        ("hour", TIME),
        ("window_start", TIME),
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
)
CLICKS = pa.schema(
    [("hour", TIME), ("slug", pa.string()), ("clicks", pa.int64()), ("clients", pa.int64())]
)
REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("reason", pa.string()),
        ("sample", pa.string()),
        ("lines", pa.int64()),
    ]
)
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def counts(
    total: int, *, failed: int = 0, slow: int = 0, timed: int | None = None
) -> dict[str, int]:
    """One window's figures; every request has a duration unless ``timed`` says otherwise."""
    return {
        "total": total,
        "good": total - failed,
        "timed": total if timed is None else timed,
        "slow": slow,
    }


def write(
    folder: Path,
    windows: Iterable[tuple[int, dict[str, int]]],
    *,
    start: datetime = START,
    window_s: int = 300,
    route: str = "/{slug}",
    threshold_ms: float = 250.0,
    clicks: Sequence[tuple[str, int]] = (),
    rejects: Sequence[tuple[str, str, str, int]] = (),
    manifest: dict[str, Any] | None = None,
) -> Path:
    """A version directory and the link to it; ``windows`` are (number of the window, figures)."""
    version = folder / "tables.d" / "000001"
    rows = []
    for number, figures in windows:
        at = start + timedelta(seconds=number * window_s)
        rows.append(
            {
                "hour": at.replace(minute=0, second=0),
                "window_start": at,
                "window_s": window_s,
                "route": route,
                "threshold_ms": threshold_ms,
                **figures,
            }
        )
    accepted, rejected = sum(row["total"] for row in rows), sum(row[3] for row in rejects)
    _parquet(version / "sli", rows, SLI)
    _parquet(
        version / "clicks",
        [{"hour": start, "slug": slug, "clicks": count, "clients": 1} for slug, count in clicks],
        CLICKS,
    )
    _parquet(
        version / "rejects",
        [dict(zip(REJECTS.names, row, strict=True)) for row in rejects],
        REJECTS,
    )
    ends = [row["window_start"] for row in rows]
    content = {
        "lines": accepted + rejected,
        "accepted": accepted,
        "rejected": rejected,
        "first": _text(min(ends)) if ends else None,
        "last": _text(max(ends) + timedelta(seconds=window_s - 1)) if ends else None,
        "inputs": [{"file": "access.log", "lines": accepted + rejected}],
    } | (manifest or {})
    (version / "manifest.json").write_text(json.dumps(content), "utf-8")
    link = folder / "tables"
    link.symlink_to(version.relative_to(folder))
    return link


def _parquet(folder: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    folder.mkdir(parents=True)
    # A run always leaves the schema behind, even where there are no rows.
    pq.write_table(schema.empty_table(), folder / "empty.parquet")
    if rows:
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / "2026-11-23T07.parquet")


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
