"""The pull-request workflow really runs, on this host under act: green, and red when it must be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import commit, need

from layerctl.acting import Act, ended

LAYER = 5  # the quickest: the workflow is what is tested here


@pytest.fixture
def act(checkout: Path, tmp_path: Path) -> Act:
    program = need("act", "act")
    need("gitleaks", "gitleaks")  # its job would build it
    return Act(program, checkout, tmp_path / "act")


def run(act: Act) -> tuple[int, str]:
    words = ("--matrix", f"layer:{LAYER}")
    return act.run("pull_request", *words, runners=["ubuntu-24.04"])


def test_a_pull_request_is_green_and_a_failing_test_turns_it_red(act: Act) -> None:
    code, said = run(act)
    assert code == 0, said
    assert re.search(r"\| [1-9]\d* passed, 0 failed, \d+ skipped", said), said
    assert {ended(said, "ci", job) for job in ("review", "gate")} == {"succeeded"}, said
    assert "secrets: none in the 1 commits" in said
    assert act.uploaded() == []

    planted = act.copy / "layer5-sre/slo/tests/unit/test_planted.py"
    planted.write_text("def test_planted() -> None:\n    raise AssertionError('planted')\n")
    commit(act.copy)
    code, said = run(act)
    assert code != 0, said
    assert "planted" in said
    assert {ended(said, "ci", job) for job in ("layer5-sre", "gate")} == {"failed"}, said
    assert any(name.endswith("test-slo.log") for name in act.uploaded()), said
