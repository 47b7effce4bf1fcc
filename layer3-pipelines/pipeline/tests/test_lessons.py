"""The lessons on delivery show what stands in delivery.md, and stop where a claim does not hold."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from layerctl import prose
from layerctl.paths import ROOT

LESSONS = ROOT / "layer3-pipelines/lessons"
pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None,
    reason="no ssh-keygen. Enable: sudo apt install openssh-client",
)


def run(lesson: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(lesson)], capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("name", ["c3.3-pipelines.sh", "c3.4-stages.sh", "c3.5-artifacts.sh"])
def test_a_lesson_shows_what_it_says(name: str) -> None:
    done = run(LESSONS / name)
    assert done.returncode == 0, done.stdout + done.stderr
    told = (LESSONS / "delivery.md").read_text("utf-8")
    assert prose.shape(done.stdout) in prose.shape(told)


def test_a_claim_that_does_not_hold_stops_the_lesson(tmp_path: Path) -> None:
    right = (LESSONS / "c3.4-stages.sh").read_text("utf-8")
    wrong = LESSONS / f".wrong-{tmp_path.name}.sh"
    wrong.write_text(right.replace('is 77 "$(code', 'is 0 "$(code'))
    wrong.chmod(0o755)
    try:
        done = run(wrong)
    finally:
        wrong.unlink()
    assert done.returncode == 1
    assert "this lesson expected: 0" in done.stderr
