"""Every command that a README shows, typed by a newcomer in a fresh copy.

The copy lies in a folder with a space and an umlaut; PATH holds the system's directories only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from layerctl import prose
from layerctl.environments import uv_environment
from layerctl.paths import ROOT, RUN

# Commands that are not typed here, and what runs them instead.
ELSEWHERE = {
    "make test": "this is it",
    "make layer3-check": "graded in test_main_job.py, before and after the repair",
    "${EDITOR:-vi} .run/drill/burn/hop.env": "test_main_job.py edits the same file",
}
# The newcomer's order; a command not named here runs with its own README's others.
FIRST = ("make layer3", "make", "make doctor", "make help-all", "make layer3-break SCENARIO=burn")
LAST = ("make down", "make clean", "make distclean")


def listed() -> list[str]:
    """Commands of the READMEs this file is responsible for: the root's and this layer's."""
    pages = [ROOT / "README.md", ROOT / "layer2-tooling/layerctl/README.md"]
    pages += [ROOT / "layer3-pipelines/README.md", ROOT / "layer3-pipelines/drills/burn/README.md"]
    found = list(dict.fromkeys(command for page in pages for command in prose.commands(page)))
    middle = [c for c in found if c not in (*FIRST, *LAST, *ELSEWHERE)]
    return [*(c for c in FIRST if c in found), *middle, *(c for c in LAST if c in found)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("readme") / "my köln clone"
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def environment() -> dict[str, str]:
    """What a newcomer has, plus our own cache and interpreter, so that nothing is fetched twice."""
    return {
        "HOME": os.environ["HOME"],
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "UV_CACHE_DIR": uv_environment()["UV_CACHE_DIR"],
        "SIX_LAYERS_PYTHON": (RUN / "python").read_text().strip(),
    }


def steps(text: str) -> str:
    """What a run prints, without figures and without the verdict: a busy machine answers late."""
    return re.sub(r"\b(?:SHIP|FREEZE)\b.*", "VERDICT", prose.shape(text))


def test_every_readme_command_works_in_a_fresh_copy(clone: Path) -> None:
    commands = listed()
    assert commands[0] == "make layer3"
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=clone,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        if command == "make layer3":
            shown = (ROOT / "README.md").read_text("utf-8")
            assert steps(done.stdout.replace(f"{clone}/", "")) in steps(shown)
    assert not (clone / ".run").exists()


def test_a_command_that_fails_would_be_noticed(clone: Path) -> None:
    """The negative control: a README that shows a wrong target."""
    command = ["bash", "-c", "make layer33"]
    done = subprocess.run(command, cwd=clone, env=environment(), capture_output=True, check=False)
    assert done.returncode != 0
