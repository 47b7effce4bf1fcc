"""Whole runs on real files: what is written, what is left alone, what is refused."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import line, minutes, write
from pyspark.sql import functions as F
from rows import expected, inodes, written
from test_parse_equals_slokit import ODD

from hop_etl import job, run, transforms
from hop_etl.commit import current, versions_of
from hop_etl.errors import ChangedInput, LostLines, NoData
from hop_etl.run import Result

Etl = Callable[..., Result]


def traffic(seed: int, count: int = 400) -> list[bytes]:
    """Requests over four hours: redirects, misses, failures, slow ones, probes, other releases."""
    rng = random.Random(seed)
    kinds = [
        {},
        {"status": 404},
        {"status": 503},
        {"method": "HEAD"},
        {"duration_ms": 250.0},
        {"duration_ms": 250.1},
        {"duration_ms": None},
        {"route": "/healthz", "status": 200, "slug": None},
        {"route": "/api/v1/links", "method": "POST", "status": 201, "slug": None},
        {"release": "2.0.0", "colour": "green"},
        {"client": None},
    ]
    return [
        line(
            f"1{rng.randrange(4)}:{rng.randrange(60):02}:{rng.randrange(60):02}",
            **{"slug": rng.choice("abcd"), "client": f"{rng.randrange(9):016x}"}
            | rng.choice(kinds),
        )
        for _ in range(count)
    ]


def test_the_tables_are_slokits_row_by_row(etl: Etl, tmp_path: Path) -> None:
    first = write(tmp_path / "access.log.1", traffic(1) + ODD)
    second = tmp_path / "access.log.2.gz"
    second.write_bytes(gzip.compress(b"\n".join(traffic(2))) + gzip.compress(b"\n" + ODD[3]))
    result = etl(first, second)
    assert written(result.version) == expected(first, second)
    assert result.manifest["lines"] == result.manifest["accepted"] + result.manifest["rejected"]
    assert result.manifest["lines"] == len(traffic(1)) + len(ODD) + len(traffic(2)) + 1


def test_every_request_sent_is_in_the_tables(etl: Etl, tmp_path: Path) -> None:
    """The ground truth is counted from what was sent, not parsed from what was logged."""
    sent = Counter({("a", 307): 41, ("b", 307): 7, ("b", 503): 5, ("c", 404): 3})
    lines = [line(slug=slug, status=status) for slug, status in sent.elements()]
    version = etl(write(tmp_path / "log", lines)).version
    tables = written(version)
    assert [(row[1], row[2]) for row in tables["clicks"]] == [("a", 41), ("b", 7)]
    assert [(row[6], row[7]) for row in tables["sli"]] == [(56, 51)]


def test_another_window_and_threshold_compute_everything_again(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "log", traffic(3))
    etl(log)
    again = etl(log, window_s=60, threshold_ms=3.0)
    assert written(again.version) == expected(log, window_s=60, threshold_ms=3.0)


def test_a_second_run_changes_nothing_and_starts_no_spark(
    etl: Etl, tmp_path: Path, tables: Path
) -> None:
    log = write(tmp_path / "log", traffic(4))
    first = etl(log)
    second = run.run([str(log)], tables, sessions=_no_spark)
    assert (second.changed, second.spark_started) == (False, False)
    assert second.version == first.version == current(tables)
    assert [path.name for path in versions_of(tables).iterdir() if path.is_dir()] == ["000001"]


@contextmanager
def _no_spark() -> Any:
    raise AssertionError("Spark was started")
    yield


def test_late_lines_touch_their_hours_only(etl: Etl, tmp_path: Path) -> None:
    early = write(tmp_path / "early", minutes(90, "10:00:00") + minutes(30, "13:00:00"))
    before = inodes(etl(early).version)
    late = write(tmp_path / "late", [line("11:00:01", slug="late")])
    result = etl(early, late)
    after = inodes(result.version)
    same = {name for name in before if before[name] == after[name]}
    assert {name for name in after if "T11" not in name} == same
    assert len(after) - len(same) == 2
    assert written(result.version) == expected(early, late)
    assert result.manifest["hours_written"] == 1


def test_the_hour_that_comes_twice_in_autumn_is_two_hours_in_utc(etl: Etl, tmp_path: Path) -> None:
    """Berlin, 25 October 2026: 02:30 of summer, then of winter; written in the wrong order."""
    text = '192.0.2.1 - - [25/Oct/2026:{} {}] "GET /{} HTTP/1.1" 200 1 "-" "curl/8"'
    winter, summer = (text.format("02:30:00", zone, zone) for zone in ("+0100", "+0200"))
    log = write(tmp_path / "log", [winter.encode(), summer.encode(), winter.encode()])
    result = etl(log)
    hours = [(row[0].isoformat(), row[6]) for row in written(result.version)["sli"]]
    assert hours == [("2026-10-25T00:00:00+00:00", 1), ("2026-10-25T01:00:00+00:00", 2)]
    assert written(result.version) == expected(log)


def test_a_log_that_grew_is_read_again_and_unchanged_hours_stay(etl: Etl, tmp_path: Path) -> None:
    lines = minutes(100, "10:00:00")
    log = write(tmp_path / "log", lines)
    before = inodes(etl(log).version)
    write(log, [*lines, line("11:50:00")], age_s=30.0)
    result = etl(log)
    after = inodes(result.version)
    assert {name for name in after if before[name] == after[name]} == {
        "sli/2026-11-23T10.parquet",
        "clicks/2026-11-23T10.parquet",
    }
    assert written(result.version) == expected(log)


def test_a_rotated_and_packed_log_changes_no_hour(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "access.log", traffic(5))
    before = etl(log)
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    result = etl(packed)
    assert inodes(result.version) == inodes(before.version)
    assert result.manifest["hours_written"] == 0
    assert result.manifest["inputs"][0]["file"] == str(packed)


def test_a_renamed_log_starts_no_spark(etl: Etl, tmp_path: Path, tables: Path) -> None:
    log = write(tmp_path / "access.log", [line(), b"bad"])
    etl(log)
    moved = log.rename(tmp_path / "access.log.1")
    result = run.run([str(moved)], tables, sessions=_no_spark)
    assert result.changed
    assert written(result.version) == expected(moved)


def test_a_log_that_is_gone_takes_its_lines_along(etl: Etl, tmp_path: Path) -> None:
    kept, gone = write(tmp_path / "a", traffic(6)), write(tmp_path / "b", traffic(7, 9))
    etl(kept, gone)
    assert written(etl(kept).version) == expected(kept)


NAMES = ["_x.log", ".x.log", "a b.log", "köln.log", "[1]*?.log", "{a,b}.log", "%41.log", "a\nb.log"]


def test_names_that_spark_skips_or_mangles_are_read(etl: Etl, tmp_path: Path) -> None:
    folder = tmp_path / "my köln logs"
    folder.mkdir()
    logs = [write(folder / name, [line(slug="s"), b"bad"]) for name in NAMES]
    misnamed = folder / "plain.gz"
    write(misnamed, [line(slug="s")])
    packed = folder / "packed.log"
    packed.write_bytes(gzip.compress(line(slug="s") + b"\n"))
    result = etl(*logs, misnamed, packed)
    assert written(result.version) == expected(*logs, misnamed, packed)
    assert result.manifest["accepted"] == len(NAMES) + 2


def test_a_log_named_twice_counts_once(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "log", [line()])
    link = tmp_path / "link"
    link.symlink_to(log)
    assert etl(log, log, link).manifest["lines"] == 1


def test_a_live_log_is_read_up_to_the_size_seen(
    etl: Etl, spark: Any, tables: Path, tmp_path: Path
) -> None:
    log = write(tmp_path / "log", traffic(8), age_s=0.0)
    before = expected(log)

    @contextmanager
    def grows() -> Any:
        with log.open("ab") as out:
            out.write(line(slug="later") + b"\n")
        yield spark

    assert written(run.run([str(log)], tables, sessions=grows).version) == before
    assert written(etl(log).version) == expected(log)


@pytest.mark.parametrize("how", ["grown", "rotated", "removed"])
def test_a_log_that_changes_while_it_is_read_is_noticed(
    spark: Any, tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    log = write(tmp_path / "log", traffic(9, 20))
    real = job.write_facts

    def and_then(*args: Any, **options: Any) -> Any:
        facts = real(*args, **options)
        if how == "grown":
            log.write_bytes(log.read_bytes() + line())
        else:
            log.rename(tmp_path / "log.1")
        if how == "rotated":
            write(log, [line()])
        return facts

    monkeypatch.setattr(job, "write_facts", and_then)
    with pytest.raises(ChangedInput, match="log changed while it was read"):
        run.run([str(log)], tables, sessions=lambda: _same(spark))
    assert current(tables) is None
    assert [path.name for path in versions_of(tables).iterdir()] == [".lock"]


@contextmanager
def _same(spark: Any) -> Any:
    yield spark


def test_lines_that_spark_loses_are_never_committed(
    etl: Etl, tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write(tmp_path / "log", [line(), b"bad", b"worse"])
    real = job.read_lines
    monkeypatch.setattr(
        job, "read_lines", lambda *args: real(*args).where(F.col("value") != F.lit("bad"))
    )
    with pytest.raises(LostLines, match="3 lines, but 1 accepted and 1 rejected"):
        etl(log)
    assert current(tables) is None


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_line(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "log", [b"\xef\xbb\xbf" + line(), line()])
    result = etl(log)
    assert (result.manifest["accepted"], result.manifest["rejected"]) == (2, 0)


def test_zeros_that_copytruncate_left_are_part_of_the_first_line(etl: Etl, tmp_path: Path) -> None:
    hole = write(tmp_path / "hole", [bytes(5_000) + line(), line()])
    assert written(etl(hole).version) == expected(hole)


def test_logs_without_a_line_are_no_data(etl: Etl, tables: Path, tmp_path: Path) -> None:
    with pytest.raises(NoData):
        etl(write(tmp_path / "log", []))
    assert current(tables) is None


def test_an_empty_log_beside_a_full_one_is_fine(etl: Etl, tmp_path: Path) -> None:
    result = etl(write(tmp_path / "a", []), write(tmp_path / "b", [line()]))
    assert [one["lines"] for one in result.manifest["inputs"]] == [0, 1]


def test_rejected_lines_alone_still_make_tables(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "log", [b"bad"])
    result = etl(log)
    assert written(result.version) == expected(log)
    assert result.manifest["first"] is None


def test_clicks_jsonl_holds_the_clicks(etl: Etl, tmp_path: Path) -> None:
    log = write(tmp_path / "log", [*minutes(61, slug='q"ö'), line(client="other", slug='q"ö')])
    rows = (etl(log).version / "clicks.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(row) for row in rows] == [
        {"hour": "2026-11-23T10:00:00Z", "slug": 'q"ö', "clicks": 61, "clients": 2},
        {"hour": "2026-11-23T11:00:00Z", "slug": 'q"ö', "clicks": 1, "clients": 1},
    ]


def test_the_manifest_names_the_span_of_what_counts(etl: Etl, tmp_path: Path) -> None:
    lines = [line("10:00:00"), line("10:59:59"), line("12:00:00", route="/metrics", slug=None)]
    found = etl(write(tmp_path / "log", lines)).manifest
    assert (found["first"], found["last"]) == (
        "2026-11-23T10:00:00.000Z",
        "2026-11-23T10:59:59.000Z",
    )
    assert found["inputs"][0]["last"] == "2026-11-23T10:59:59.000Z"


BROKEN = {
    "404 is bad": ("is_good", lambda: F.col("status") < 400),
    "probes count": ("is_counted", lambda: F.lit(True)),
    "the threshold is slow": ("is_slow", lambda threshold: F.col("duration_ms") >= threshold),
    "HEAD is a click": ("is_click", lambda: F.col("status") == 307),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_these_tests_notice_a_broken_rule(
    etl: Etl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    """The negative control of this suite."""
    monkeypatch.setattr(transforms, *BROKEN[rule])
    with pytest.raises(AssertionError):
        test_the_tables_are_slokits_row_by_row(etl, tmp_path)
