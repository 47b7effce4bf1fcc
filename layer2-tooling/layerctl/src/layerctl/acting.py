"""Run a workflow on this host under act, with small stand-ins for actions that lie elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from layerctl.engines import environment
from layerctl.paths import ROOT

USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)@(\S+)(?: # v[\d.]+)?")
LIMIT_S = 600
INPUTS = ("path", "name", "key", "python-version")
# They take any input, write down which files they were given, and pass an artifact on.
SCRIPT = """
find $GIVEN -type f >>"$STAND_INS/$NAME.given" 2>/dev/null || true
case $NAME in
  actions-upload-artifact) [[ ! -d $GIVEN ]] || cp -RT "$GIVEN" "$STAND_INS/artifact-$ARTIFACT" ;;
  actions-download-artifact) cp -RT "$STAND_INS/artifact-$ARTIFACT" "$GIVEN" ;;
  *) ;;
esac
"""


def remote_actions() -> set[tuple[str, str]]:
    """Repository and commit of every action that lies elsewhere; act does the checkout itself."""
    files = [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob(".github/actions/*/action.yml")]
    found = {match for file in files for match in USES.findall(file.read_text("utf-8"))}
    return {(name, ref) for name, ref in found if name != "actions/checkout"}


@dataclass
class Act:
    """act in a copy of the checkout.

    Attributes:
        copy: a repository; what is committed there is what runs.
        folder: for the stand-ins, and for what act and they write.
    """

    program: str
    copy: Path
    folder: Path
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        for name, _ in remote_actions():
            self._stand_in(name)

    def place(self, name: str) -> Path:
        """Where the stand-in for an action is."""
        return self.folder / name.replace("/", "-")

    def _stand_in(self, name: str) -> None:
        env = {"GIVEN": "${{ inputs.path }}", "ARTIFACT": "${{ inputs.name }}"}
        env["NAME"] = self.place(name).name
        step = {"shell": "bash", "run": SCRIPT, "env": env}
        inputs = {key: {"default": ""} for key in INPUTS}
        action = {"name": name, "inputs": inputs, "runs": {"using": "composite", "steps": [step]}}
        self.place(name).mkdir(exist_ok=True)
        # JSON is YAML.
        (self.place(name) / "action.yml").write_text(json.dumps(action), "utf-8")

    def run(self, event: str, *words: str, runners: Sequence[str]) -> tuple[int, str]:
        """Run the workflows of an event; exit code and output.

        Args:
            event: what has happened, for example ``pull_request``.
            words: more of act's arguments.
            runners: what ``runs-on`` may name; each is this host.
        """
        command = [self.program, event, *words, "--env", f"STAND_INS={self.folder}"]
        for runner in runners:
            command += ["-P", f"{runner}=-self-hosted"]
        for name, ref in sorted(remote_actions()):
            command += ["--local-repository", f"{name}@{ref}={self.place(name)}"]
        done = subprocess.run(
            command,
            cwd=self.copy,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            check=False,
        )
        return done.returncode, done.stdout

    def _environment(self) -> Mapping[str, str]:
        # act keeps its own files in the cache and configuration folders; ours stay where they are.
        env = os.environ | environment()
        env |= {"XDG_CACHE_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        # `make test ENGINE=all` hands its variables to every make below it, also by MAKEFLAGS.
        for name in ("ENGINE", "STRICT", "LAYER", "SIX_LAYERS_RUN", "MAKEFLAGS", "MAKEOVERRIDES"):
            env.pop(name, None)
        return env | self.more

    def uploaded(self) -> list[str]:
        """The files that upload-artifact was given."""
        record = self.folder / "actions-upload-artifact.given"
        return record.read_text("utf-8").splitlines() if record.is_file() else []


def ended(said: str, workflow: str, job: str) -> str:
    """How act says that a job ended."""
    found = re.search(rf"\[{workflow}/{job} *\] .* Job (succeeded|failed)", said)
    return found.group(1) if found else "not at all"


def steps(said: str, workflow: str, job: str) -> dict[str, str]:
    """How act says that each step of a job ended: ``Success`` or ``Failure`` by name."""
    form = rf"\[{workflow}/{job} *\] .* (Success|Failure) - Main (.+?)(?: \[[\d.]+m?s\])?$"
    return {name: result for result, name in re.findall(form, said, re.MULTILINE)}
