"""Stage ``test``: lint and unit tests of the commit, in the environment that its own locks name."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, RUN
from pipeline.place import Place
from pipeline.state import State

# Seconds, not minutes: what a release must never get wrong. The whole suite has run in ci.yml.
UNITS = ("domain", "slugs", "targets", "redirects", "cache", "settings", "access_log")
TAIL = 15


def environment(place: Place) -> dict[str, str]:
    """The variables for the source's own programs: its ``.run``, and nothing of the hook's git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"SIX_LAYERS_RUN": str(RUN if place.source == ROOT else place.source / ".run")}


def call(place: Place, what: str, command: Sequence[str | Path], folder: str = ".") -> str:
    """Run one of the source's checks; its output.

    Raises:
        LayerctlError: it found something; the message is its last lines.
    """
    env = environment(place) | {"PYTHONPATH": ""}
    done = subprocess.run(
        command,
        cwd=place.source / folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()[-TAIL:]
        raise LayerctlError(f"{what} failed:\n" + "\n".join(f"  | {line}" for line in lines))
    return done.stdout


def run(place: Place, state: State) -> str:
    """Lint, then test; what was found."""
    shutil.rmtree(place.run, ignore_errors=True)
    api = "layer2-tooling/api"
    call(place, "set-up", ["layer1-env/bootstrap.sh", "--dev", "api", "layerctl"])
    bins = Path(environment(place)["SIX_LAYERS_RUN"]) / "venv"
    call(place, "ruff", [bins / "layerctl/bin/ruff", "check", "--no-cache", "--quiet", api])
    tests = [f"tests/unit/test_{name}.py" for name in UNITS]
    command = [str(bins / "api/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    said = call(place, "pytest", command, api)
    return f"{state.commit[:12]}: ruff is silent, {said.strip().splitlines()[-1].strip()}"
