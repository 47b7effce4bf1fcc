"""Every lesson runs, ends with 0, and leaves nothing behind; every exercise is graded both ways."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exercises.__main__ import main
from exercises.tasks import TASKS, question, solve
from layerctl.errors import MissingError
from layerctl.paths import ROOT

LESSONS = sorted((ROOT / "layer1-env/lessons").glob("c1.*.sh"))
MISSING = 69


def run(script: Path, tmp: Path) -> subprocess.CompletedProcess[str]:
    tmp.mkdir()
    command = ["env", f"TMPDIR={tmp}", "bash", str(script)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_holds_and_leaves_nothing(lesson: Path, tmp_path: Path) -> None:
    done = run(lesson, tmp_path / "tmp")
    if done.returncode == MISSING:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


def test_control_a_lesson_whose_claim_does_not_hold_fails(tmp_path: Path) -> None:
    lesson = next(path for path in LESSONS if path.stem.startswith("c1.9-"))
    text = lesson.read_text().replace("is 1.5.0", "is 1.4.9")
    wrong = tmp_path / "wrong.sh"
    wrong.write_text(text.replace('$(dirname -- "${BASH_SOURCE[0]}")', str(lesson.parent)))
    done = run(wrong, tmp_path / "tmp")
    assert done.returncode == 1
    assert "this lesson expected: 1.4.9" in done.stderr


@pytest.mark.parametrize("name", TASKS)
def test_an_exercise_is_graded_both_ways(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert question(name).endswith(("?", "no."))
    try:
        answer = solve(name)
    except MissingError as error:
        pytest.skip(str(error).replace("\n ", ""))
    assert answer
    assert main([name, answer.upper()]) == 0
    assert main([name, answer + " or so"]) == 1
    assert "not so" in capsys.readouterr().out


def test_each_concept_has_its_lesson_and_its_exercise() -> None:
    named = {path.name.partition("-")[0] for path in LESSONS}
    assert named == TASKS.keys() == {f"c1.{number}" for number in range(1, 11)}
    assert main(["c9.9"]) == 2
