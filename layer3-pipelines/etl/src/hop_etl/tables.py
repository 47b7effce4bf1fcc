"""What a run left in ``.run/tables``, summed up for the verdict and the report.

Read by pyarrow, so that no Spark starts for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from slokit.sli import Counts

from .errors import InputError

_COUNTS = ("total", "good", "timed", "slow")  # in the order of slokit.sli.Counts


@dataclass(frozen=True, slots=True)
class Reject:
    """Lines of one file that were refused for one reason, with the smallest of them."""

    file: str
    reason: str
    sample: str
    lines: int


@dataclass(frozen=True, slots=True)
class Tables:
    """One version of the tables.

    ``windows`` holds the counts of every route, release and colour together, by the start
    of the window in seconds since the epoch, oldest first; ``window_s`` is its length.
    """

    windows: Mapping[int, Counts]
    window_s: int
    threshold_ms: float | None
    routes: tuple[str, ...]
    manifest: Mapping[str, Any]
    root: Path

    @property
    def first(self) -> datetime | None:
        """When the first counted request ended, or else when its window began."""
        return _when(self.manifest.get("first"), min(self.windows, default=None))

    @property
    def last(self) -> datetime | None:
        """When the last counted request ended, or else when its window ended."""
        last = max(self.windows, default=None)
        return _when(self.manifest.get("last"), None if last is None else last + self.window_s)

    def top_links(self, count: int) -> list[tuple[str, int]]:
        """The most clicked slugs and their clicks, most first; equal ones by name."""
        clicks = _read(self.root / "clicks", ("slug", "clicks"))
        by_slug = clicks.group_by("slug").aggregate([("clicks", "sum")])
        order: list[tuple[str, str]] = [("clicks_sum", "descending"), ("slug", "ascending")]
        top = pc.select_k_unstable(by_slug, k=count, sort_keys=order)
        return [(row["slug"], row["clicks_sum"]) for row in by_slug.take(top).to_pylist()]

    def rejects(self) -> list[Reject]:
        """Every rejected (file, reason), most lines first."""
        table = _read(self.root / "rejects", ("file", "reason", "sample", "lines"))
        rows = [Reject(**row) for row in table.to_pylist()]
        return sorted(rows, key=lambda row: (-row.lines, row.reason, row.file))


def read(path: Path) -> Tables:
    """One version of the tables, best held by ``commit.reading`` while it is read.

    Raises:
        InputError: there are none, or they are not those of the contract.
    """
    # Once: a link that moves between two tables would give half of each version.
    root = path.resolve()
    try:
        manifest = json.loads((root / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"no tables at {path}", hint="make layer3") from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot read {path}/manifest.json: {error}", hint="make layer3"
        ) from error
    sli = _read(root / "sli", ("window_start", "window_s", "route", "threshold_ms", *_COUNTS))
    lengths = pc.unique(sli["window_s"]).to_pylist()
    thresholds = pc.unique(sli["threshold_ms"]).to_pylist()
    if len(lengths) > 1 or len(thresholds) > 1:
        raise InputError(
            f"{path}/sli mixes windows of {lengths} s and thresholds of {thresholds} ms",
            hint=f"remove {path} and run the ETL again",
        )
    return Tables(
        windows=_windows(sli),
        window_s=lengths[0] if lengths else 0,
        threshold_ms=thresholds[0] if thresholds else None,
        routes=tuple(sorted(pc.unique(sli["route"]).to_pylist())),
        manifest=manifest,
        root=root,
    )


def _windows(sli: pa.Table) -> dict[int, Counts]:
    starts = pc.cast(sli["window_start"], pa.timestamp("s", tz="UTC")).cast(pa.int64())
    table = sli.select(_COUNTS).append_column("start", starts)
    summed = table.group_by("start").aggregate([(name, "sum") for name in _COUNTS])
    return {
        row["start"]: Counts(*(row[f"{name}_sum"] for name in _COUNTS))
        for row in summed.sort_by("start").to_pylist()
    }


def _read(folder: Path, columns: tuple[str, ...]) -> pa.Table:
    if not folder.is_dir():
        raise InputError(f"{folder} is missing", hint="make layer3")
    try:
        return ds.dataset(folder, format="parquet").to_table(columns=list(columns))
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"cannot read {folder}: {error}", hint="make layer3") from error


def _when(text: object, seconds: int | None) -> datetime | None:
    if isinstance(text, str):
        return datetime.fromisoformat(text)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
