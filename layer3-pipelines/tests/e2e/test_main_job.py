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
from collections.abc import Iterator
from pathlib import Path

import pytest
from main_job import drill, job
from main_job.job import Traffic
from main_job.places import Place

from layerctl import housekeeping
from layerctl.evidence import Evidence
from layerctl.paths import ROOT, RUN

ENV = os.environ | {
    "PYTHONPATH": f"{ROOT / 'layer2-tooling/layerctl/src'}:{ROOT / 'layer3-pipelines'}",
    "LC_ALL": "C.UTF-8",
}
COMBINED = (
    '192.0.2.{n} - - [23/Nov/2026:10:00:{s:02} +0000] "GET /p{n} HTTP/1.1" 200 12 "-" "curl/8"\n'
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One whole run, in a folder that would trip Spark and shells."""
    home = Place(tmp_path_factory.mktemp("main") / "köln run")
    home.home.mkdir()
    return home


@pytest.fixture(scope="module")
def facts(place: Place) -> dict[str, object]:
    evidence = Evidence("layer3", "make test")
    job.from_traffic(place, Traffic(requests=1200, rate=300, seed=7), evidence)
    return evidence.facts


def main_job(home: Path, logs: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "main_job", "--place", str(home)]
    env = ENV | {"LOGS": logs}
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_tables_say_what_was_sent(place: Place, facts: dict[str, object]) -> None:
    truth = json.loads(place.truth("1.0.0").read_text())
    totals = json.loads(place.reference.read_text())
    manifest = json.loads((place.tables / "manifest.json").read_text())
    assert totals["total"] == truth["total"]
    assert totals["good"] == truth["good"]
    assert manifest["lines"] == manifest["accepted"] + manifest["rejected"] == totals["lines"]
    assert facts["failed"] == truth["total"] - truth["good"]
    assert facts["hottest_link_clicks"] == max(truth["clicks"].values())


@pytest.mark.usefixtures("facts")
def test_the_report_is_one_page_with_the_verdict(place: Place) -> None:
    page = place.report.read_text()
    assert re.search(r"SHIP|FREEZE", page)
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?https?:", page)


@pytest.mark.usefixtures("facts")
def test_nothing_is_left_running() -> None:
    assert list((RUN / "pids").glob(f"hop-{os.getpid()}.json")) == []


@pytest.mark.usefixtures("facts")
def test_a_changed_answer_of_slokit_is_noticed(place: Place, tmp_path: Path) -> None:
    """The negative control of "Spark = slokit"."""
    changed = json.loads(place.reference.read_text())
    changed["sli"][0]["good"] += 1
    other = tmp_path / "slokit.json"
    other.write_text(json.dumps(changed))
    etl = str(RUN / "venv/etl/bin/hop-etl")
    command = [etl, "compare", "--tables", str(place.tables), "--reference", str(other)]
    assert subprocess.run(command, env=ENV, capture_output=True, check=False).returncode == 1


@pytest.fixture(scope="module")
def burning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("drill")
        patch.setattr(drill, "PLACE", Place(home))
        patch.setattr(drill, "DEPLOYMENT", home / "hop.env")
        assert drill.main(["check"]) == 4  # nothing is broken yet
        assert drill.main(["break", "burn"]) == 0
        yield home / "hop.env"


def test_the_drill_freezes_and_its_repair_is_graded(
    burning: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert drill.main(["check"]) == 1
    assert "NOT REPAIRED" in capfd.readouterr().out
    burning.write_text("HOP_RELEASE=9.9.9\n")
    assert drill.main(["check"]) == 2
    burning.write_text("HOP_RELEASE=1.0.0\n")
    assert drill.main(["check"]) == 0
    shown = capfd.readouterr().out
    assert "REPAIRED" in shown
    assert "does not" in shown


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
        ("empty.log", b"", 4, ""),
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
    assert done.returncode in (1, 2)
    assert "directory" in done.stderr


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
