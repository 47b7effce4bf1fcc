"""Ending our own processes, and no others: on real ones."""

import subprocess
import sys

import pytest

from hop_etl import cluster, connect, connect_server, processes
from hop_etl.errors import EtlError

# Says when its handlers are in place, then waits.
SLEEPER = """
import signal, sys, time
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def sleeper():
    made = []

    def make(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SLEEPER, *arguments]
        made.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        made[-1].stdout.readline()
        return made[-1]

    yield make
    for process in made:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_process_with_our_label_is_ended(sleeper):
    ours = sleeper("x", processes.label())
    assert processes.is_ours(ours.pid)
    assert processes.end(ours.pid)
    assert not processes.is_ours(ours.pid)


def test_a_process_without_it_is_left_alone(sleeper):
    other = sleeper("x", "-Dsix-layers=another")
    assert not processes.end(other.pid)
    assert other.poll() is None


def test_one_that_does_not_listen_is_killed(sleeper, monkeypatch):
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0.3)
    deaf = sleeper("deaf", processes.label())
    assert processes.end(deaf.pid)
    assert deaf.wait(5) == -9


def test_one_that_survives_everything_is_named(sleeper, monkeypatch):
    monkeypatch.setattr(processes, "is_ours", lambda pid: True)
    monkeypatch.setattr(processes.os, "kill", lambda pid, number: None)
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0.1)
    clock = iter(range(0, 999, 9))
    monkeypatch.setattr(processes.time, "monotonic", lambda: next(clock))
    with pytest.raises(EtlError, match="process 12 does not end"):
        processes.end(12)


def test_another_checkout_has_another_label(monkeypatch, tmp_path):
    mine = processes.label()
    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path / "other"))
    assert processes.label() != mine


def test_stopping_without_a_server_says_so(capsys):
    assert connect.main(["--stop"]) == 0
    assert connect.main([]) == 0
    assert capsys.readouterr().out == "no Spark server is kept\n" * 2


def test_the_recorded_server_is_found_and_stopped(sleeper, here, capsys):
    ours = sleeper("x", processes.label())
    folder = here / "spark-connect"
    folder.mkdir()
    record = folder / "server.json"
    record.write_text(
        f'{{"pid": {ours.pid}, "port": 1, "token": "t", "spark": "4.3.0"}}', encoding="utf-8"
    )
    assert connect_server.find() == connect_server.Server(ours.pid, 1, "t", "4.3.0")
    assert connect.main([]) == 0
    assert f"process {ours.pid}" in capsys.readouterr().out
    assert connect.main(["--stop"]) == 0
    assert "stopped" in capsys.readouterr().out
    assert not record.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": 1}', "\0"])
def test_a_broken_record_is_no_server(here, text):
    folder = here / "spark-connect"
    folder.mkdir()
    (folder / "server.json").write_text(text, encoding="utf-8")
    assert connect_server.find() is None


def test_a_record_of_a_process_id_that_is_used_by_another_now(sleeper, here):
    """After a reboot the number may belong to anyone: never end that."""
    other = sleeper("x", "innocent")
    folder = here / "spark-connect"
    folder.mkdir()
    (folder / "server.json").write_text(
        f'{{"pid": {other.pid}, "port": 1, "token": "t", "spark": "4.3.0"}}', encoding="utf-8"
    )
    assert connect_server.stop() is False
    assert other.poll() is None


def test_a_server_that_ends_at_once_is_reported_with_its_log(here, monkeypatch):
    program = here / "spark" / "bin" / "spark-submit"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho no luck\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    (here / "spark-connect").mkdir()
    settings = {"spark.driver.extraJavaOptions": "-Dx"}
    with pytest.raises(EtlError, match=r"server\.log"):
        connect_server.start(settings, spark_home=here / "spark", version="4.3.0")
    log = (here / "spark-connect" / "server.log").read_text(encoding="utf-8")
    assert log == "no luck\n"


def test_what_a_killed_cluster_left_is_ended(sleeper, here):
    ours, other = sleeper("x", processes.label()), sleeper("x", "innocent")
    assert cluster.end_leftovers() == 0
    (here / "cluster.json").write_text(f"[{ours.pid}, {other.pid}]", encoding="utf-8")
    assert cluster.end_leftovers() == 1
    assert other.poll() is None
    assert not (here / "cluster.json").exists()


def test_these_tests_notice_when_any_process_counts_as_ours(sleeper, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(processes, "label", lambda: "-Dsix-layers")
    with pytest.raises(AssertionError):
        test_a_process_without_it_is_left_alone(sleeper)
