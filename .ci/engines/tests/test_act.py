"""The pull-request workflow really runs, on this host under act: green, and red when it must be."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from conftest import commit, need

from layerctl.engines import environment
from layerctl.paths import ROOT

USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)@(\S+)(?: # v[\d.]+)?")
FILES = [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob(".github/actions/*/action.yml")]
LIMIT_S = 600
LAYER = 5  # the quickest: the workflow is what is tested here


def remote_actions() -> set[tuple[str, str]]:
    """Repository and commit of every action that lies elsewhere; act does the checkout itself."""
    found = {match for file in FILES for match in USES.findall(file.read_text())}
    return {(name, ref) for name, ref in found if name != "actions/checkout"}


def stand_in(folder: Path, name: str) -> Path:
    """A repository whose action takes any input and writes down which files it was given."""
    place = folder / name.replace("/", "-")
    place.mkdir()
    script = 'find $GIVEN -type f >>"$STAND_INS/$NAME.given" 2>/dev/null'
    step = {
        "shell": "bash",
        "run": f"{script} || true",
        "env": {"GIVEN": "${{ inputs.path }}", "NAME": place.name},
    }
    inputs = {key: {"default": ""} for key in ("path", "name", "key", "python-version")}
    action = {"name": name, "inputs": inputs, "runs": {"using": "composite", "steps": [step]}}
    (place / "action.yml").write_text(yaml.safe_dump(action))
    return place


@dataclass
class Act:
    """act in a copy of the checkout."""

    program: str
    copy: Path
    folder: Path

    def run(self, layer: int) -> tuple[int, str]:
        """Run the pull-request workflow for one layer; exit code and output."""
        command = [self.program, "pull_request", "-P", "ubuntu-24.04=-self-hosted"]
        command += ["--matrix", f"layer:{layer}", "--env", f"STAND_INS={self.folder}"]
        for name, ref in sorted(remote_actions()):
            place = self.folder / name.replace("/", "-")
            command += ["--local-repository", f"{name}@{ref}={place}"]
        # act keeps its own files in the cache and configuration folders; ours stay where they are.
        env = os.environ | environment()
        env |= {"XDG_CACHE_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        # `make test ENGINE=all` hands its variables to every make below it, also by MAKEFLAGS.
        for name in ("ENGINE", "STRICT", "LAYER", "SIX_LAYERS_RUN", "MAKEFLAGS", "MAKEOVERRIDES"):
            env.pop(name, None)
        done = subprocess.run(
            command,
            cwd=self.copy,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            check=False,
        )
        return done.returncode, done.stdout

    def uploaded(self) -> list[str]:
        """The files that upload-artifact was given."""
        record = self.folder / "actions-upload-artifact.given"
        return record.read_text().splitlines() if record.is_file() else []


@pytest.fixture
def act(checkout: Path, tmp_path: Path) -> Act:
    program = need("act", "act")
    need("gitleaks", "gitleaks")  # its job would build it
    folder = tmp_path / "act"
    folder.mkdir()
    for name, _ in remote_actions():
        stand_in(folder, name)
    return Act(program, checkout, folder)


def ended(said: str, job: str) -> str:
    """How act says that a job ended."""
    found = re.search(rf"\[ci/{job} *\] .* Job (succeeded|failed)", said)
    return found.group(1) if found else "not at all"


def test_a_pull_request_is_green_and_a_failing_test_turns_it_red(act: Act) -> None:
    code, said = act.run(layer=LAYER)
    assert code == 0, said
    assert re.search(r"\| [1-9]\d* passed, 0 failed, \d+ skipped", said), said
    assert (ended(said, "review"), ended(said, "gate")) == ("succeeded", "succeeded"), said
    assert "secrets: none in the 1 commits" in said
    assert act.uploaded() == []

    planted = act.copy / "layer5-sre/slo/tests/unit/test_planted.py"
    planted.write_text("def test_planted() -> None:\n    raise AssertionError('planted')\n")
    commit(act.copy)
    code, said = act.run(layer=LAYER)
    assert code != 0, said
    assert "planted" in said
    assert (ended(said, "layer5-sre"), ended(said, "gate")) == ("failed", "failed"), said
    assert any(name.endswith("test-slo.log") for name in act.uploaded()), said
