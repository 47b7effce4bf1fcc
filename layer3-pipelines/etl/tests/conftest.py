"""One Spark session for all tests, and logs made of lines that say what they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from hop_etl import archive
from hop_etl.run import Result, run

# A case may take as long as the machine needs: a busy one is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

DAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def class_archive(request: pytest.FixtureRequest) -> None:
    """Thirty JVMs start here: with a class archive each of them is done some seconds sooner."""
    starts_spark = any("unit" not in item.path.parts for item in request.session.items)
    if starts_spark and not archive.made():
        archive.make()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from hop_etl.spark import session, stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOP_RUN_DIR", str(tmp_path_factory.mktemp("run")))
        patch.delenv("HOP_SPARK_MASTER", raising=False)
        patch.delenv("KEEP_SPARK", raising=False)
        made = session("local[2]", quick=True)
        yield made
        stop(made)


def line(at: str = "10:00:00", **fields: Any) -> bytes:
    """One line of schema v1 as hop writes it; ``at`` is a time of 23 November 2026."""
    moment = f"2026-11-23T{at}.000Z" if len(at) == 8 else at
    slug = fields.get("slug", "abc")
    event = {
        "v": 1,
        "ts": moment,
        "request_id": "r",
        "method": "GET",
        "route": "/{slug}",
        "path": f"/{slug}",
        "status": 307,
        "duration_ms": 3.5,
        "bytes_out": 0,
        "slug": slug,
        "client": "00000000000000c1",
        "user_agent": "t",
        "referer": None,
        "trace_id": None,
        "release": "1.0.0",
        "colour": None,
    } | fields
    return json.dumps(event, separators=(",", ":")).encode()


def minutes(count: int, start: str = "10:00:00", step_s: int = 60, **fields: Any) -> list[bytes]:
    """Lines at equal distances."""
    first = datetime.fromisoformat(f"2026-11-23T{start}+00:00")
    times = (first + timedelta(seconds=step_s * number) for number in range(count))
    return [line(f"{time:%Y-%m-%dT%H:%M:%S}.000Z", **fields) for time in times]


def write(path: Path, lines: list[bytes], *, age_s: float = 60.0) -> Path:
    """A log of these lines, last written some time ago."""
    import os

    path.write_bytes(b"".join(one + b"\n" for one in lines))
    when = datetime.now(UTC).timestamp() - age_s
    os.utime(path, (when, when))
    return path


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return tmp_path / "run" / "tables"


@pytest.fixture
def etl(spark: Any, tables: Path) -> Callable[..., Result]:
    """Run the job on logs, in the session of the tests."""
    tables.parent.mkdir()

    def go(*logs: Path | str, **options: Any) -> Result:
        names = [str(log) for log in logs]
        return run(names, tables, sessions=lambda: nullcontext(spark), **options)

    return go
