"""What a session is configured with; no JVM is started here."""

import os
from pathlib import Path

import pytest

from hop_etl import archive, rundir, spark
from hop_etl.java import Java

JAVA = Java(Path("/jdk"), "17.0.15", "PATH")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path / "my köln run"))
    for name in ("HOP_SPARK_UI", "HOP_SPARK_EVENTS", "HOP_SPARK_MEMORY", archive.TRAINING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(spark, "find_java", lambda: JAVA)
    return tmp_path / "my köln run"


def test_nothing_is_written_outside_the_run_folder(here):
    chosen = spark.settings()
    assert chosen["spark.local.dir"] == str(here / "spark")
    assert chosen["spark.sql.warehouse.dir"].startswith((here / "spark").as_uri())
    assert f'"-Djava.io.tmpdir={here}/spark"' in chosen["spark.driver.extraJavaOptions"]


@pytest.mark.parametrize(("asked", "given"), [("", "1g"), ("3g", "3g")])
def test_an_empty_variable_is_none(asked, given, monkeypatch):
    """``export`` in a Makefile makes one of a name that nobody set."""
    monkeypatch.setenv("HOP_SPARK_MEMORY", asked)
    chosen = spark.settings("spark://127.0.0.1:7077")
    assert chosen["spark.driver.memory"] == chosen["spark.executor.memory"] == given


def test_g1_is_never_used(here):
    """Java 25 before 25.0.3 corrupts data under G1."""
    for master in ("", "local[2]", "spark://127.0.0.1:7077"):
        chosen = spark.settings(master)
        assert "-XX:+UseParallelGC" in chosen["spark.driver.extraJavaOptions"]
    assert "-XX:+UseParallelGC" in chosen["spark.executor.extraJavaOptions"]


@pytest.mark.parametrize(
    ("master", "loopback", "local"),
    [
        ("", True, True),
        ("local[2]", True, True),
        ("spark://127.0.0.1:7077", True, False),
        ("spark://spark.example:7077", False, False),
        ("k8s://https://127.0.0.1:6443", True, False),
        ("k8s://https://api.example", False, False),
    ],
)
def test_addresses_and_partitions_follow_the_master(master, loopback, local):
    chosen = spark.settings(master)
    assert (chosen.get("spark.driver.host") == "127.0.0.1") is loopback
    for number in ("spark.sql.shuffle.partitions", "spark.sql.files.minPartitionNum"):
        assert (number in chosen) is local


@pytest.mark.parametrize(
    ("master", "quick", "expected"),
    [
        ("", False, {"driver": spark.LATE}),
        ("local[2]", False, {"driver": spark.LATE}),
        ("local[2]", True, {"driver": spark.QUICK, "executor": spark.QUICK}),
        ("spark://127.0.0.1:7077", True, {"driver": spark.QUICK, "executor": spark.QUICK}),
        ("spark://127.0.0.1:7077", False, {}),
        ("k8s://https://10.0.0.1", False, {}),
    ],
)
def test_only_a_jvm_that_does_all_compiles_late(master, quick, expected):
    assert spark.compiling(master, quick=quick) == expected


def test_pages_and_events_are_there_on_request_only(tmp_path, monkeypatch):
    assert spark.settings()["spark.ui.enabled"] == "false"
    assert "spark.eventLog.enabled" not in spark.settings()
    monkeypatch.setenv("HOP_SPARK_UI", "1")
    monkeypatch.setenv("HOP_SPARK_EVENTS", str(tmp_path / "events"))
    assert spark.settings()["spark.ui.enabled"] == "true"
    assert spark.settings()["spark.eventLog.dir"] == (tmp_path / "events").as_uri()


def test_another_spark_in_the_environment_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(spark, "java_home", lambda java: tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"SPARK_HOME": "/opt/spark-3"})
    os.environ["SPARK_CONF_DIR"] = "/opt/spark-3/conf"
    spark.prepare_environment()
    assert os.environ["SPARK_HOME"].endswith("pyspark")
    assert "SPARK_CONF_DIR" not in os.environ
    assert os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"


def test_the_settings_of_a_real_cluster_are_the_readers_own(monkeypatch, tmp_path):
    monkeypatch.setattr(spark, "java_home", lambda java: tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"HADOOP_CONF_DIR": "/etc/hadoop"})
    os.environ.pop("SPARK_LOCAL_IP", None)
    spark.prepare_environment("spark://spark.example:7077")
    assert os.environ["HADOOP_CONF_DIR"] == "/etc/hadoop"
    assert "SPARK_LOCAL_IP" not in os.environ


def test_a_class_archive_is_used_when_it_is_whole(here, monkeypatch):
    # Not the environment's own, where this run's would be found by the next.
    monkeypatch.setattr(archive, "home_dir", lambda: here)
    assert archive.options(JAVA) == []
    place = archive.folder(JAVA)
    place.mkdir(parents=True)
    (place / archive.BASE).touch()
    assert archive.options(JAVA) == []
    (place / archive.SPARK).touch()
    used = f"-XX:SharedArchiveFile={place / archive.BASE}:{place / archive.SPARK}"
    assert archive.options(JAVA) == [used, archive.QUIET]
    monkeypatch.setattr(spark, "find_java", lambda: JAVA)
    for master, mapped in (
        ("spark://127.0.0.1:7077", True),
        ("spark://elsewhere:7077", False),
        ("k8s://https://127.0.0.1:6443", False),
    ):
        executors = spark.settings(master)["spark.executor.extraJavaOptions"]
        assert (f'"{used}"' in executors) == mapped
    monkeypatch.setattr(archive, "find_java", lambda: JAVA)
    assert archive.made()
    monkeypatch.setenv(archive.TRAINING, "/there")
    assert "-XX:ArchiveClassesAtExit=/there" in archive.options(JAVA)


@pytest.mark.parametrize(
    ("environ", "prefix", "expected"),
    [
        ({"HOP_RUN_DIR": "/x/.run"}, "/y", "/x/.run"),
        ({}, "/a b/.run/venv/etl", "/a b/.run"),
        ({"XDG_CACHE_HOME": "/cache"}, "/usr", "/cache/six-layers/etl"),
        ({"HOME": "/home/you"}, "/usr", "/home/you/.cache/six-layers/etl"),
    ],
)
def test_the_run_folder_is_that_of_the_checkout(monkeypatch, environ, prefix, expected):
    for name in ("HOP_RUN_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rundir.sys, "prefix", prefix)
    assert rundir.run_dir() == Path(expected)
