"""``down`` and ``clean`` touch what this checkout made, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl import housekeeping, labels
from layerctl.errors import LayerctlError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / ".run"
    (place / "pids").mkdir(parents=True)
    monkeypatch.setattr(housekeeping, "ROOT", tmp_path)
    monkeypatch.setattr(housekeeping, "RUN", place)
    monkeypatch.setattr(housekeeping, "PIDS", place / "pids")
    monkeypatch.setattr(housekeeping, "VENV", place / "venv")
    monkeypatch.setattr(labels, "stop", lambda: [])
    monkeypatch.setattr(labels, "remove", lambda: [])
    return place


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    ) as process:
        yield process
        process.kill()


def mark(run: Path, pid: int, program: str) -> Path:
    path = run / "pids/hop.json"
    path.write_text(json.dumps({"pid": pid, "program": program}))
    return path


def test_what_we_started_is_stopped(run: Path, sleeper: subprocess.Popen[bytes]) -> None:
    path = mark(run, sleeper.pid, sys.executable)
    assert housekeeping.down() == 0
    assert sleeper.wait(5) == -15
    assert not path.exists()


def test_a_reused_process_id_is_left_alone(run: Path, sleeper: subprocess.Popen[bytes]) -> None:
    path = mark(run, sleeper.pid, "/somewhere/else/hop")
    housekeeping.down()
    assert sleeper.poll() is None
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{", '{"pid": "x"}'])
def test_a_damaged_mark_stops_nothing(run: Path, text: str) -> None:
    path = run / "pids/hop.json"
    path.write_text(text)
    assert housekeeping.down() == 0
    assert not path.exists()


def test_clean_lists_what_it_removes_and_spares_environments(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "tables").symlink_to("tables.d")
    (run / "tables.d").mkdir()
    (run / "tables.d/part").write_bytes(b"x" * 2000)
    (run / "venv/etl").mkdir(parents=True)
    (run.parent / "mine.txt").write_text("keep")
    housekeeping.clean(everything=False)
    assert "removed .run/tables.d (2 kB)" in capsys.readouterr().out
    assert [p.name for p in run.iterdir()] == ["venv"]
    housekeeping.clean(everything=True)
    assert [p.name for p in run.parent.iterdir()] == ["mine.txt"]


def test_a_linked_run_folder_is_refused(run: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    run.rename(elsewhere)
    run.symlink_to(elsewhere)
    with pytest.raises(LayerctlError, match="refusing to clean"):
        housekeeping.clean(everything=True)
    assert elsewhere.is_dir()
