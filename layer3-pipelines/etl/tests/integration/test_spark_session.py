"""A real session in a process of its own: quiet, tidy, and gone when its Python is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hop_etl import archive
from hop_etl.java import find_java

WORK = """
import os, sys
from hop_etl.spark import session, stop
spark = session("local[2]", quick=True)
print(spark._jvm.java.lang.ProcessHandle.current().pid(), flush=True)
"""
TIDY = """
spark.createDataFrame([("köln",)], "name string").write.parquet(sys.argv[1])
print(spark.read.parquet(sys.argv[1]).collect()[0]["name"])
print(spark.conf.get("spark.sql.session.timeZone"), spark.sparkContext.uiWebUrl)
stop(spark)
"""
WAIT = "import time; time.sleep(120)"


@pytest.fixture
def environ(tmp_path, monkeypatch):
    """No locale, no settings of the reader's, and a path that Spark's scripts dislike."""
    (tmp_path / "cwd").mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path),
        "HOP_RUN_DIR": str(tmp_path / "my köln run"),
        "PYTHONUTF8": "1",
    }


def gone(pid: int, within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_a_session_is_quiet_and_leaves_nothing(tmp_path, environ):
    here, table = tmp_path / "cwd", tmp_path / "tabelle für köln"
    done = subprocess.run(
        [sys.executable, "-c", WORK + TIDY, str(table)],
        cwd=here,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    pid, name, conf = done.stdout.splitlines()
    assert (name, conf) == ("köln", "UTC None")
    assert done.stderr == ""
    assert list(here.iterdir()) == []
    assert list(Path(environ["HOP_RUN_DIR"], "spark").iterdir()) == []
    # stop() has waited for it.
    assert gone(int(pid), within_s=0.2)


def test_a_jvm_that_does_not_start_is_one_message(tmp_path, environ):
    code = """
from hop_etl.errors import EtlError
from hop_etl.spark import session
try:
    session("local[2]")
except EtlError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "cwd",
        env=environ | {"HOP_SPARK_MEMORY": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert "Spark does not start" in done.stdout
    assert "HOP_SPARK_LOG=info" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_jvm_outlives_its_python(tmp_path, environ, number):
    process = subprocess.Popen(
        [sys.executable, "-c", WORK + WAIT],
        cwd=tmp_path / "cwd",
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert not gone(pid, within_s=0.3), "the control: it must be running until now"
        process.send_signal(number)
        process.wait(30)
        assert gone(pid)


def archives(pid: int) -> set[str]:
    """The class archives among the files that a process has mapped."""
    files = {Path(one.path) for one in psutil.Process(pid).memory_maps()}
    return {file.name for file in files if file.parent == archive.folder(find_java())}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells; enable: run it on Linux")
def test_a_session_maps_the_class_archive_and_only_it_does(spark):
    jvm = spark._jvm.java.lang.ProcessHandle.current().pid()
    assert archives(jvm) == {archive.BASE, archive.SPARK}
    assert archives(os.getpid()) == set()


def test_a_session_that_is_there_already_is_used_and_not_stopped(spark, monkeypatch):
    """As in a Databricks notebook; here it is the tests' own, made to look like another's."""
    from hop_etl import spark as module

    monkeypatch.delenv("HOP_SPARK_MASTER", raising=False)
    before = spark.conf.get(module.OWNER)
    spark.conf.set(module.OWNER, "someone else")
    try:
        with module.running() as same:
            assert same is spark
        assert spark.range(3).count() == 3
    finally:
        spark.conf.set(module.OWNER, before)
