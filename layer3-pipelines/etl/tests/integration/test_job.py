from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from hop_etl import job
from hop_etl.errors import EtlError


class Unprintable(PySparkException):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Full(PySparkException):
    def __str__(self) -> str:
        return "SparkException: java.io.IOException: No space left on device"


@pytest.mark.parametrize(
    ("error", "says"),
    [(Unprintable("x"), "Spark failed: Unprintable"), (Full("x"), "the disk is full")],
)
def test_an_error_of_spark_is_one_line(spark: Any, error: Exception, says: str) -> None:
    with pytest.raises(EtlError, match=says), job.configured(spark):
        raise error


def test_a_failing_query_is_told_and_the_settings_are_given_back(spark: Any) -> None:
    key = "spark.sql.codegen.hugeMethodLimit"
    before = spark.conf.get(key)
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        with job.configured(spark):
            assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
        with (
            pytest.raises(EtlError, match=r"Spark failed: .*no_such_column"),
            job.configured(spark),
        ):
            spark.range(1).select(F.col("no_such_column"))
        assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert spark.conf.get(key) == before


def test_the_whole_parser_is_planned_only_for_lines_that_need_it(
    tmp_path: Path, etl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conftest import minutes, write
    from rows import expected, written

    def planned(*_: object) -> None:
        raise LookupError("the whole parser")

    monkeypatch.setattr(job.parse, "events", planned)
    good = write(tmp_path / "good", minutes(5))
    assert written(etl(good).version) == expected(good)
    odd = write(tmp_path / "odd", [*minutes(5), b'{"v":1,"ts":"?"}'])
    foreign = write(tmp_path / "foreign", [b"x"])
    for log in (odd, foreign):
        with pytest.raises(LookupError, match="the whole parser"):
            etl(log)


def test_another_time_zone_of_the_session_changes_nothing(
    spark: Any, tmp_path: Path, etl: Any
) -> None:
    from conftest import minutes, write
    from rows import expected, written

    spark.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
    try:
        log = write(tmp_path / "log", minutes(70, "23:10:00"))
        assert written(etl(log).version) == expected(log)
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
