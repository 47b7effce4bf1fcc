"""What our set-up costs beyond the uv commands that it runs, in seconds of the clock."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from layerctl.environments import BUILD_LOCK, UV_HOME, requirements, uv_environment
from layerctl.paths import PROJECTS, ROOT, RUN, VENV

NAME = "slokit"
ROUNDS = 3


def ours(venv: Path) -> None:
    """The environment as `make setup` makes it."""
    shutil.rmtree(venv, ignore_errors=True)
    command = [str(ROOT / "layer1-env/bootstrap.sh"), "--dev", NAME]
    subprocess.run(command, check=True, capture_output=True)


def alone(venv: Path) -> None:
    """The same environment, by uv without us."""
    shutil.rmtree(venv, ignore_errors=True)
    build = ("--build-constraints", BUILD_LOCK)
    python = (RUN / "python").read_text().strip()
    into: tuple[str | Path, ...] = ("pip", "install", "--python", venv, "--no-deps", *build)
    for words in (
        ("venv", "--clear", "--python", python, venv),
        ("pip", "sync", "--python", venv, "--require-hashes", *build, requirements(NAME, "dev")),
        (*into, "--editable", PROJECTS[NAME]),
    ):
        command = [UV_HOME / "bin/uv", *words, "--offline"]
        subprocess.run(command, env=uv_environment(), check=True, capture_output=True)


def best(action: Callable[[Path], None]) -> float:
    """Seconds of the fastest round."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.monotonic()
        action(VENV / NAME)
        rounds.append(time.monotonic() - started)
    return min(rounds)


def seconds() -> tuple[float, float]:
    """Ours and uv's alone; what is left behind is ours."""
    uv = best(alone)
    return best(ours), uv
