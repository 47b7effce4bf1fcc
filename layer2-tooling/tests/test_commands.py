"""Help, completion, JSON and colours of the repository's commands."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from layerctl.paths import ROOT

COMPLETION = ROOT / "layer2-tooling/layerctl/completions/layerctl.bash"
LAYERCTL = str(ROOT / "layer2-tooling/layerctl/layerctl")


def complete(function: str, *words: str) -> set[str]:
    """What the shell would offer for the last word."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = (
        f"source '{COMPLETION}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1};"
        f'{function}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_layerctls_commands_and_options_are_completed() -> None:
    assert {"doctor", "setup", "test", "which-python"} <= complete("_layerctl", "layerctl", "")
    assert complete("_layerctl", "layerctl", "doc") == {"doctor"}
    assert "--json" in complete("_layerctl", "layerctl", "doctor", "--")
    assert complete("_layerctl", "layerctl", "nothing", "--") == set()


def test_makes_targets_are_completed_where_make_would_run() -> None:
    assert complete("_make_targets", "make", "layer") >= {"layer0", "layer3"}
    assert complete("_make_targets", "make", "-C", "layer2-tooling", "kern") == {
        "kernels",
        "kernels-remove",
    }


@pytest.mark.parametrize("folder", [".", "layer2-tooling"])
def test_help_lists_every_target_that_says_what_it_does(folder: str) -> None:
    text = (ROOT / folder / "Makefile").read_text()
    verb = "help-all" if folder == "." else "help"
    done = subprocess.run(["make", "-C", folder, verb], cwd=ROOT, capture_output=True, text=True)
    described = re.findall(r"^([a-z0-9-]+):.*## ", text, re.MULTILINE)
    assert described
    assert [name for name in described if not re.search(rf"\b{name}\b", done.stdout)] == []
    phony = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert sorted({word for line in phony for word in line.split()} - set(described)) in (
        [],
        ["help", "help-all"],
        ["help"],
    )


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_and_can_be_turned_off(no_color: str, coloured: bool) -> None:
    env = os.environ | {"TERM": "xterm"}
    env.pop("NO_COLOR", None)
    if no_color:
        env["NO_COLOR"] = no_color
    # A pseudo-terminal: nothing is coloured into a pipe.
    said = subprocess.run(
        ["script", "-qec", f"{LAYERCTL} doctor", "/dev/null"], env=env, capture_output=True
    )
    assert (b"\x1b[" in said.stdout) == coloured


def test_json_is_json() -> None:
    done = subprocess.run([LAYERCTL, "doctor", "--json"], capture_output=True, text=True)
    assert json.loads(done.stdout)
