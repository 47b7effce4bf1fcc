"""`make secrets` finds a planted secret in history, index and files, and does not print it."""

from __future__ import annotations

import os
import random
import string
import subprocess
from pathlib import Path

import pytest
from conftest import commit, git, need

from layerctl.engines import environment
from layerctl.paths import ROOT


@pytest.fixture
def copy(checkout: Path) -> Path:
    """A clean checkout, and gitleaks."""
    need("gitleaks", "gitleaks")
    return checkout


@pytest.fixture
def token() -> str:
    """Made here, so that no secret, not even a false one, stands in this repository."""
    drawn = random.Random(12).choices(string.ascii_letters + string.digits, k=36)
    return "ghp" + "_" + "".join(drawn)


def secrets(folder: Path, *words: str) -> tuple[int, str]:
    env = os.environ | environment()
    command = [str(folder / ".ci/secrets"), *words]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_nothing_is_found_in_this_repository() -> None:
    need("gitleaks", "gitleaks")
    shallow = ["git", "rev-parse", "--is-shallow-repository"]
    if subprocess.check_output(shallow, cwd=ROOT, text=True).strip() != "false":
        pytest.skip("the clone is shallow. Enable: git fetch --unshallow")
    code, said = secrets(ROOT)
    assert code == 0, said
    assert said.startswith("secrets: none in the ")


def test_a_planted_secret_is_found_wherever_it_is_and_never_printed(copy: Path, token: str) -> None:
    assert secrets(copy)[0] == 0
    planted = copy / "layer5-sre/planted.env"
    planted.write_text("A=1\n")
    commit(copy)

    planted.write_text(f"A=1\nGITHUB_TOKEN={token}\n")
    found = {"changed": secrets(copy)}
    git("add", "--all", cwd=copy)
    found["staged"] = secrets(copy, "staged")
    commit(copy)
    planted.unlink()
    commit(copy)
    found["commits"] = secrets(copy)

    for where, (code, said) in found.items():
        assert code == 1, f"{where}: {said}"
        assert "layer5-sre/planted.env" in said, where
        assert "github-pat" in said, where
        assert f"in what is {where}" in said or "commits" in where, said
        assert token not in said, where
    # What the next commit adds is clean again: the hook looks at nothing else.
    assert secrets(copy, "staged")[0] == 0


def test_half_a_history_is_no_answer(copy: Path, tmp_path: Path) -> None:
    commit_again = copy / "one-more"
    commit_again.write_text("x")
    commit(copy)
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth=1", copy.as_uri(), str(clone), cwd=tmp_path)
    code, said = secrets(clone)
    assert (code, "git fetch --unshallow" in said) == (1, True), said
