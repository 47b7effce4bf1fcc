"""1.4: set-up in a folder with spaces: announced, cut short, resumed, repeated, refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from layerctl.environments import ensure_uv
from layerctl.paths import ROOT, RUN
from proof.steps import require

PROJECT = "slokit"


def clone(folder: Path) -> Path:
    """A checkout without environments; uv is fetched from the cache by itself."""
    target = folder / "a folder with spaces"
    for part in ("layer1-env", "layer2-tooling/layerctl"):
        ignore = shutil.ignore_patterns("__pycache__", ".*_cache", "tests")
        shutil.copytree(ROOT / part, target / part, ignore=ignore)
    return target


def command(checkout: Path, *arguments: str) -> list[str]:
    """The bootstrap of a checkout."""
    return ["bash", str(checkout / "layer1-env/bootstrap.sh"), *arguments, PROJECT]


def run(checkout: Path, *arguments: str, **env: str) -> tuple[int, str, float]:
    """Exit code, what it said, and seconds."""
    started = time.monotonic()
    done = subprocess.run(
        command(checkout, *arguments),
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, time.monotonic() - started


def cut_short(checkout: Path) -> bool:
    """Kill a set-up while it makes an environment; whether it was left unfinished."""
    stamp = checkout / ".run/venv" / PROJECT / ".six-layers-run"
    shutil.rmtree(stamp.parent)
    with subprocess.Popen(
        command(checkout), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        if process.stderr is not None:
            process.stderr.readline()
        os.killpg(process.pid, signal.SIGKILL)
    return not stamp.exists()


def prove(facts: dict[str, Any]) -> None:
    """Every step, on the interpreter that this repository uses."""
    ensure_uv()
    with tempfile.TemporaryDirectory(dir=RUN) as folder:
        checkout = clone(Path(folder))
        program = checkout / ".run/venv" / PROJECT / "bin/slokit"
        code, said, _ = run(checkout, "--check")
        announced = code == 1 and "would make or update slokit" in said
        require("--check says what would be done, and does nothing", announced, said)
        require("nothing was made", not (checkout / ".run/venv").exists())
        code, said, facts["first_run_s"] = run(checkout)
        works = subprocess.run([program, "--version"], capture_output=True, check=False)
        require("the first run makes an environment that works", not works.returncode, said)
        code, said, facts["second_run_s"] = run(checkout)
        require("the second run says and does nothing", (code, said) == (0, ""), said)
        require("a killed run leaves no finished mark", cut_short(checkout))
        code, said, facts["resumed_s"] = run(checkout)
        require("the next run finishes it", code == 0 and program.exists(), said)
        code, said, _ = run(checkout, SIX_LAYERS_PYTHON="/bin/false")
        named = code == 69 and "no Python" in said and "apt install" in said
        require("no suitable interpreter: one message, exit code 69", named, said)
    for name in ("first_run_s", "second_run_s", "resumed_s"):
        facts[name] = round(facts[name], 2)
