"""The lessons on Compose and signals run, and a claim that does not hold stops them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from layerctl.paths import ROOT

LESSONS = ROOT / "layer3-pipelines/lessons"
pytestmark = pytest.mark.docker


def run(lesson: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(lesson)], capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize("name", ["c3.6-compose.sh", "c3.8-signals.sh"])
def test_every_claim_of_the_lesson_holds(name: str) -> None:
    done = run(LESSONS / name)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.count("\n# ") >= 5


def test_a_claim_that_does_not_hold_stops_the_lesson(tmp_path: Path) -> None:
    text = (LESSONS / "c3.6-compose.sh").read_text("utf-8")
    wrong = text.replace("'database migrate stranger'", "'database'")
    copy = LESSONS / f".wrong-{tmp_path.name}.sh"
    copy.write_text(wrong)
    try:
        done = run(copy)
    finally:
        copy.unlink()
    assert done.returncode == 1
    assert "this lesson expected: database" in done.stderr
