"""Every command that a README shows, typed by a newcomer in a fresh copy.

PATH holds the system's directories only. The main job and the drill have been typed for
test_main_job.py already, in the same copy; their results are read here.
"""

from __future__ import annotations

import re

from conftest import Newcomer

from layerctl import prose
from layerctl.paths import ROOT

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


def steps(text: str) -> str:
    """What a run prints, without figures and without the verdict: a busy machine answers late."""
    return re.sub(r"\b(?:SHIP|FREEZE)\b.*", "VERDICT", prose.shape(text))


def test_every_readme_command_works_in_a_fresh_copy(newcomer: Newcomer) -> None:
    commands = listed()
    assert commands[0] == "make layer3"
    for command in commands:
        done = newcomer.type(command)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        if command == "make layer3":
            shown = (ROOT / "README.md").read_text("utf-8")
            assert steps(done.stdout.replace(f"{newcomer.clone}/", "")) in steps(shown)
    assert not (newcomer.clone / ".run").exists()


def test_a_command_that_fails_would_be_noticed(newcomer: Newcomer) -> None:
    """The negative control: a README that shows a wrong target."""
    assert newcomer.type("make layer33").returncode != 0
