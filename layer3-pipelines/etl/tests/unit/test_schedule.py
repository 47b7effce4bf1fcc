"""The scheduler of the container: what a run is, what is reported of it, what stops it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server

from hop_etl import schedule
from hop_etl.schedule import Report, StepError, one_run, run_once

GOOD = '{"lines": 10, "accepted": 9, "rejected": 1}'


def fake(tmp_path: Path, code: int = 0, *, busy_first: bool = False) -> list[str]:
    """A program in the ETL's place; with ``busy_first`` it ends with 75 the first time."""
    mark = tmp_path / "been-here"
    first = f'[ -e "{mark}" ] || {{ : >"{mark}"; exit 75; }};' if busy_first else ""
    return ["sh", "-c", f"{first} echo '{GOOD}'; exit {code}"]


@pytest.fixture
def logs(tmp_path: Path) -> str:
    (tmp_path / "a.jsonl").write_text("x\n")
    return str(tmp_path / "*.jsonl")


def value(report: Report, name: str) -> float | None:
    return report.registry.get_sample_value(f"click_etl_{name}")


def test_a_good_run_is_followed_by_its_command(tmp_path: Path, logs: str) -> None:
    result, manifest = run_once(fake(tmp_path), logs, ["touch", str(tmp_path / "after")])
    assert (result, manifest["lines"]) == ("ok", 10)
    assert (tmp_path / "after").exists()


def test_no_log_and_no_line_are_no_failure(tmp_path: Path, logs: str) -> None:
    assert run_once(fake(tmp_path), str(tmp_path / "*.none"), ["false"]) == ("no_data", {})
    assert run_once(fake(tmp_path, 4), logs, ["false"]) == ("no_data", {})


def test_a_log_that_is_rotated_under_the_reader_is_read_again(tmp_path: Path, logs: str) -> None:
    assert run_once(fake(tmp_path, busy_first=True), logs, [])[0] == "ok"


@pytest.mark.parametrize(("code", "after", "words"), [(1, "true", "with 1"), (0, "false", "false")])
def test_a_step_that_fails_is_named(
    tmp_path: Path, logs: str, code: int, after: str, words: str
) -> None:
    with pytest.raises(StepError, match=words):
        run_once(fake(tmp_path, code), logs, [after])


def test_a_step_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "STEP_LIMIT_S", 0.1)
    with pytest.raises(StepError, match="did not end"):
        schedule.step(["sleep", "60"])


def test_metrics_and_log_line_tell_of_failures_in_a_row(
    tmp_path: Path, logs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report()
    one_run(fake(tmp_path, 1), logs, [], report)
    one_run(fake(tmp_path, 1), logs, [], report)
    assert (value(report, "failures"), value(report, "last_success_timestamp_seconds")) == (2, 0)
    one_run(fake(tmp_path), logs, [], report)
    assert (value(report, "failures"), value(report, "lines")) == (0, 10)
    assert value(report, "rejected_lines") == 1
    assert time.time() - (value(report, "last_success_timestamp_seconds") or 0) < 60
    assert b'click_etl_runs_total{result="failed"} 2.0' in generate_latest(report.registry)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["result"] for line in told] == ["failed", "failed", "ok"]
    assert told[0]["reason"] == "sh ended with 1"
    assert told[2]["accepted"] == 9


def test_an_interval_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        schedule.main(["--logs", "x", "--tables", "y", "--every", "0"])
    assert "--every must be above 0" in capsys.readouterr().err


@pytest.mark.parametrize(("result", "code"), [("ok", 0), ("no_data", 0), ("failed", 1)])
def test_one_run_ends_with_its_result(
    monkeypatch: pytest.MonkeyPatch, result: str, code: int
) -> None:
    monkeypatch.setattr(schedule, "one_run", lambda *_: result)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert schedule.main(["--logs", "x", "--tables", "y", "--once"]) == code


def test_it_runs_at_once_again_on_a_signal_and_stops_on_another(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hop_etl.schedule", "--logs", str(tmp_path / "*.none")]
    command += ["--tables", str(tmp_path / "t"), "--every", "3600", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGUSR1)
        second = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 143
    assert [first["result"], second["result"]] == ["no_data", "no_data"]


def test_metrics_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = []

    def stop(*_: object) -> None:
        address = f"http://127.0.0.1:{servers[0].server_port}/metrics"
        with urllib.request.urlopen(address) as answer:
            servers.append(answer.read())
        raise SystemExit(0)

    def serve(port: int, registry: CollectorRegistry) -> None:
        servers.append(start_http_server(port, addr="127.0.0.1", registry=registry)[0])

    monkeypatch.setattr(schedule, "start_http_server", serve)
    monkeypatch.setattr(schedule, "one_run", stop)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match="0"):
        schedule.main(["--logs", "x", "--tables", "y", "--every", "7", "--port", "0"])
    servers[0].shutdown()
    servers[0].server_close()
    assert b"click_etl_interval_seconds 7.0" in servers[1]
