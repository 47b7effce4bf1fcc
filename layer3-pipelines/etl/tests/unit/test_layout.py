"""What the footers of Parquet files tell without their rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hop_etl import layout


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ([], {}, False),
        ([None, None], {}, False),
        ([None, "later"], {}, True),
        # Its second row group alone.
        ([None, None, "later"], {"row_group_size": 2}, True),
        # Without statistics nobody knows.
        ([None, None], {"write_statistics": False}, True),
    ],
)
def test_a_column_of_nulls_is_known_without_reading_it(
    tmp_path: Path, values: list[str | None], options: dict[str, object], expected: bool
) -> None:
    table = pa.table({"line": list(range(len(values))), "reason": pa.array(values, pa.string())})
    pq.write_table(table, tmp_path / "part-0.parquet", **options)
    assert layout.has_values(tmp_path, "reason") is expected
