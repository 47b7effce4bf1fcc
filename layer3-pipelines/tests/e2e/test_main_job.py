"""The main job, for real: hop, traffic, slokit, Spark, verdict, report, drill."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Done, Newcomer
from main_job.places import Place

from layerctl import housekeeping
from layerctl.paths import ROOT, RUN

ENV = os.environ | {
    "PYTHONPATH": f"{ROOT / 'layer2-tooling/layerctl/src'}:{ROOT / 'layer3-pipelines'}",
    "LC_ALL": "C.UTF-8",
}
COMBINED = (
    '192.0.2.{n} - - [23/Nov/2026:10:00:{s:02} +0000] "GET /p{n} HTTP/1.1" 200 12 "-" "curl/8"\n'
)


@pytest.fixture(scope="module")
def place(newcomer: Newcomer) -> Place:
    """Where the README's first command has left its files."""
    done = newcomer.type("make layer3")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return Place(newcomer.clone / ".run")


def main_job(home: Path, logs: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "main_job", "--place", str(home)]
    env = ENV | {"LOGS": logs}
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_tables_say_what_was_sent(place: Place) -> None:
    facts = json.loads((place.home / "evidence/layer3.json").read_text())["facts"]
    truth = json.loads(place.truth("1.0.0").read_text())
    totals = json.loads(place.reference.read_text())
    manifest = json.loads((place.tables / "manifest.json").read_text())
    assert totals["total"] == truth["total"]
    assert totals["good"] == truth["good"]
    assert manifest["lines"] == manifest["accepted"] + manifest["rejected"] == totals["lines"]
    assert facts["failed"] == truth["total"] - truth["good"]
    assert facts["hottest_link_clicks"] == max(truth["clicks"].values())


def test_the_report_is_one_page_with_the_verdict(place: Place) -> None:
    page = place.report.read_text()
    assert re.search(r"SHIP|FREEZE", page)
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?https?:", page)


def test_nothing_is_left_running(place: Place) -> None:
    assert list((place.home / "pids").iterdir()) == []


def test_a_changed_answer_of_slokit_is_noticed(place: Place, tmp_path: Path) -> None:
    """The negative control of "Spark = slokit"."""
    changed = json.loads(place.reference.read_text())
    changed["sli"][0]["good"] += 1
    other = tmp_path / "slokit.json"
    other.write_text(json.dumps(changed))
    etl = str(RUN / "venv/etl/bin/hop-etl")
    command = [etl, "compare", "--tables", str(place.tables), "--reference", str(other)]
    assert subprocess.run(command, env=ENV, capture_output=True, check=False).returncode == 1


def test_the_drill_freezes_and_its_repair_is_graded(newcomer: Newcomer, place: Place) -> None:
    deployment = place.home / "drill/burn/hop.env"

    def graded() -> Done:
        return newcomer.run("layer2-tooling/layerctl/layerctl drill check 3 burn")

    assert graded().returncode == 4  # nothing is broken yet
    assert newcomer.type("make layer3-break SCENARIO=burn").returncode == 0
    before = graded()
    assert before.returncode == 1
    assert "NOT REPAIRED" in before.stdout
    deployment.write_text("HOP_RELEASE=9.9.9\n")
    assert graded().returncode == 2
    deployment.write_text("HOP_RELEASE=1.0.0\n")
    after = newcomer.type("make layer3-check")
    assert after.returncode == 0, after.stderr
    assert "REPAIRED" in after.stdout
    assert "does not" in after.stdout


def test_own_logs_get_a_verdict_odd_names_and_rotated_ones_together(tmp_path: Path) -> None:
    lines = [COMBINED.format(n=n, s=n % 60) for n in range(250)]
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "access.log").write_text("".join(lines[:100]) + "\n" + "cut off in the mid\n")
    (logs / "_access ö.log.1").write_text("".join(lines[100:150]))
    with gzip.open(logs / "access.log.2.gz", "wt") as file:
        file.write("".join(lines[150:]))
    done = main_job(tmp_path / "place", f"{logs}/*")
    assert done.returncode == 0, done.stderr
    assert "3 files, 252 lines, 2 rejected" in done.stdout
    assert "250 accepted + 2 rejected" in done.stdout
    assert "SHIP" in done.stdout
    assert "no data" in done.stdout  # latency: this format has no durations


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("missing.log", None, 1, "missing.log"),
        ("empty.log", b"", 4, "not one line"),
        ("cut.gz", gzip.compress(b"x\n" * 9000)[:-9], 1, "cut.gz"),
        ("binary.log", bytes(range(256)) * 64, 1, "binary.log"),
    ],
)
def test_bad_input_is_one_clear_message(
    tmp_path: Path, name: str, content: bytes | None, code: int, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = main_job(tmp_path / "place", str(tmp_path / name))
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "place/tables").exists()


def test_a_directory_is_refused(tmp_path: Path) -> None:
    done = main_job(tmp_path / "place", str(tmp_path))
    assert done.returncode == 1
    assert f"{tmp_path} is a directory; name the logs in it" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "main_job", "--requests", "100000"]
    command += ["--place", str(tmp_path)]
    with subprocess.Popen(command, env=ENV, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        mark = RUN / f"pids/hop-{process.pid}.json"
        deadline = time.monotonic() + 60
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        pid = json.loads(mark.read_text())["pid"]
        time.sleep(1.5)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "nothing is left running" in said
    assert not housekeeping.alive(pid)
    assert not mark.exists()
    assert not (tmp_path / "tables").exists()
