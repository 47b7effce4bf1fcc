"""A full disk is one message with the next command, and the last tables stay."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from main_job import disk, drill
from main_job.__main__ import main

from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    results: list[str] = []
    monkeypatch.setattr(Evidence, "save", lambda _, result: results.append(result))
    return results


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: list[str]) -> Any:
    """Run the main job, whose work raises what the test says."""

    def go(error: Exception, *, free: int = disk.LEAST_BYTES) -> int:
        def fails(*_: object) -> None:
            raise error

        monkeypatch.setattr("main_job.job.from_traffic", fails)
        monkeypatch.setattr(disk, "free_bytes", lambda _: free)
        return main(["--place", str(tmp_path / "not here yet")])

    monkeypatch.setenv("LOGS", "")
    monkeypatch.setattr("main_job.__main__.stop_on_signals", lambda: None)
    return go


def test_our_own_write_and_a_program_that_failed_say_the_same(
    run: Any, saved: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FULL) == 1
    said = "layer3: the disk is full; the last tables are as they were."
    step = f"\n  Next: df -h '{tmp_path}/not here yet'\n"
    assert capsys.readouterr().err == said + step
    assert run(LayerctlError("hop migrate failed with exit code 75."), free=0) == 1
    assert capsys.readouterr().err == f"{said}\n  hop migrate failed with exit code 75.{step}"
    assert saved == ["failed", "failed"]


def test_evidence_that_does_not_fit_hides_nothing(
    run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(Evidence, "save", fails)
    assert run(FULL) == 1
    assert "the disk is full" in capsys.readouterr().err


def test_with_space_left_a_failure_is_what_it_was(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The negative control."""
    assert run(LayerctlError("hop did not answer")) == 1
    assert capsys.readouterr().err == "layer3: hop did not answer\n"
    with pytest.raises(PermissionError):
        run(PermissionError(errno.EACCES, "Permission denied"))


def test_the_drill_says_it_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> int:
        raise FULL

    monkeypatch.setattr(drill, "check", fails)
    monkeypatch.setattr(drill, "stop_on_signals", lambda: None)
    assert drill.main(["check"]) == 1
    assert capsys.readouterr().err.startswith("drill: the disk is full")


def test_free_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    there, not_yet = disk.free_bytes(tmp_path), disk.free_bytes(tmp_path / "a/b")
    assert min(there, not_yet) > 0
    assert abs(there - not_yet) < 1 << 30
