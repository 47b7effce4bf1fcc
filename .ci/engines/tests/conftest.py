"""Shared by the tests of the engines and the workflows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from layerctl.paths import ROOT, VENV


def need(program: str, engine: str) -> str:
    """Where a program is; without it the test is skipped with the command that brings it."""
    path = shutil.which(program) or shutil.which(program, path=str(VENV / "layerctl/bin"))
    if path is None:
        pytest.skip(f"no {program} on PATH. Enable: make engines ENGINE={engine}")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of its own with today's files, committed or not."""
    copy = tmp_path / "checkout"
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    git("init", "--quiet", "--initial-branch=main", cwd=copy)
    commit(copy)
    return copy


def git(*arguments: str, cwd: Path) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
    subprocess.run(["git", *who, *arguments], cwd=cwd, check=True, capture_output=True)


def commit(copy: Path) -> None:
    """Commit everything."""
    git("add", "--all", cwd=copy)
    git("commit", "--quiet", "--no-verify", "--message", "test", cwd=copy)
