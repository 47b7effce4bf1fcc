"""Every lesson runs and leaves nothing behind; a claim that does not hold stops it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from layerctl import prose
from layerctl.engines import absent
from layerctl.paths import ROOT

LESSONS = ROOT / "layer2-tooling/lessons"
DOCKER = ("c2.3", "c2.4")


def run(script: Path, place: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"TMPDIR": str(place)}
    return subprocess.run([script], env=env, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("lesson", sorted(LESSONS.glob("c2.*.sh")), ids=lambda path: path.stem)
def test_a_lesson_holds(lesson: Path, tmp_path: Path) -> None:
    if lesson.name.startswith(DOCKER) and (reason := absent("docker")):
        pytest.skip(reason)
    done = run(lesson, tmp_path)
    if done.returncode == 69:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []
    # What the page shows is what the lesson says now.
    assert prose.shape(done.stdout) == prose.shape(shown(lesson))


def shown(lesson: Path) -> str:
    """What the page has captured of a lesson."""
    page = (LESSONS / "README.md").read_text("utf-8")
    blocks = [body for _, what, body in prose.REGION.findall(page) if what.endswith(lesson.name)]
    return str(blocks[0].split("\n", 2)[2].rsplit("```", 1)[0])


def test_there_is_one_a_concept() -> None:
    names = {lesson.name.split("-")[0] for lesson in LESSONS.glob("c2.*.sh")}
    assert names == {f"c2.{n}" for n in range(1, 9)}


def test_a_claim_that_does_not_hold_stops_its_lesson(tmp_path: Path) -> None:
    text = (LESSONS / "c2.5-commands.sh").read_text()
    wrong = tmp_path / "wrong.sh"
    wrong.write_text(text.replace("is 2 ", "is 3 ", 1).replace("${BASH_SOURCE[0]}", f"{LESSONS}/x"))
    wrong.chmod(0o755)
    place = tmp_path / "place"
    place.mkdir()
    done = run(wrong, place)
    assert done.returncode == 1
    assert "this lesson expected: 3" in done.stderr
