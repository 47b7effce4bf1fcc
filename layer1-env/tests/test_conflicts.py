"""The lab: every scenario breaks, is named by the diagnosis, and is graded both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conflicts import __main__ as lab
from conflicts import base
from conflicts.exercise import diagnosed, go_through
from conflicts.grade import grade
from conflicts.repairs import REPAIRS
from conflicts.scenarios import SCENARIOS
from layerctl.errors import MissingError


@pytest.fixture(scope="module", autouse=True)
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place of the tests' own, with a space: a lab that a reader is in the middle of stays."""
    place = tmp_path_factory.mktemp("the labs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "LABS", place)
        patch.setattr(lab, "LABS", place)
        patch.setattr(lab, "CURRENT", place / "current")
        yield place


# Making an environment with pip again takes seconds; `make layer1` goes through these as well.
QUICK = [scenario for scenario, solution in REPAIRS.items() if "-m venv" not in solution]


@pytest.mark.parametrize("scenario", QUICK)
def test_a_scenario_is_broken_named_and_repaired(scenario: str) -> None:
    try:
        outcome = go_through(scenario)
    except MissingError as error:
        pytest.skip(str(error).replace("\n ", ""))
    assert outcome.trouble
    assert outcome.causes[0] == scenario
    assert outcome.left == ""
    assert outcome.causes_left == ()


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - set(QUICK)))
def test_a_scenario_is_broken_and_named(scenario: str) -> None:
    try:
        broken = lab.make(scenario)
    except MissingError as error:
        pytest.skip(str(error).replace("\n ", ""))
    assert grade(broken)
    assert diagnosed(broken)[0] == scenario


def test_there_are_enough_scenarios_and_each_has_its_repair() -> None:
    assert len(SCENARIOS) >= 10
    assert REPAIRS.keys() == SCENARIOS.keys()


def test_control_an_unbroken_lab_names_nothing_and_is_graded_sound(labs: Path) -> None:
    healthy = base.Lab(labs / "healthy")
    base.build(healthy)
    assert grade(healthy) == ""
    assert diagnosed(healthy) == ()


def test_control_another_repair_does_not_pass(labs: Path) -> None:
    """A reader who edits the program instead of its environment."""
    broken = lab.make("shadowed-module")
    (broken.project / "app.py").write_text("print('hello 1.0')\n")
    assert "random" in grade(broken)


def test_wrong_use_says_what_would_be_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.main(["break", "no-such"]) == 2
    said = capsys.readouterr().err
    assert "no scenario 'no-such'" in said
    assert "not-activated" in said
    assert lab.main(["nothing"]) == 2
    assert lab.main(["clean"]) == 0
    assert lab.main(["check", "no-pip"]) == 2
    assert "nothing to check" in capsys.readouterr().err
