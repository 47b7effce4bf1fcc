"""Four ways to make an environment from a lock; each with its own cache, so that cold is cold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from layerctl.environments import UV_HOME, uv_environment
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, VENV

PROJECTS = ROOT / "layer1-env/envs"
NAMES = ("old-tokens", "new-tokens")
TOOLS = VENV / "tools/bin"
QUIET = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:")


@dataclass(frozen=True, slots=True)
class Maker:
    """One tool.

    Args:
        cache: the variable that names its download cache.
        commands: what makes the environment ``{venv}``, run in a copy of the project.
        writes: what it leaves beside the environment itself.
    """

    name: str
    cache: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    writes: str


PIP = ("{venv}/bin/python", "-m", "pip", "install", *QUIET, "-r", "requirements.txt")
# Else it leaves a process behind that asks the network for newer wheels.
VIRTUALENV = (str(TOOLS / "virtualenv"), "--quiet", "--no-periodic-update")
UV = str(UV_HOME / "bin/uv")
MAKERS = (
    Maker(
        "venv", ("PIP_CACHE_DIR",), ((sys.executable, "-m", "venv", "{venv}"), PIP), "pip inside"
    ),
    Maker(
        "virtualenv",
        ("PIP_CACHE_DIR", "VIRTUALENV_OVERRIDE_APP_DATA"),
        ((*VIRTUALENV, "--python", sys.executable, "{venv}"), PIP),
        "pip inside, from its own wheels",
    ),
    Maker(
        "uv",
        ("UV_CACHE_DIR",),
        (
            (UV, "venv", "--quiet", "--python", sys.executable, "{venv}"),
            (UV, "pip", "sync", "-q", "--python", "{venv}", "--require-hashes", "requirements.txt"),
        ),
        "no pip; links into its cache",
    ),
    Maker(
        "poetry",
        ("POETRY_CACHE_DIR",),
        ((str(TOOLS / "poetry"), "install", "--no-interaction", "--no-ansi"),),
        "pip inside; in the project if asked to",
    ),
)


def mirror() -> str:
    """The index that pip itself uses: Poetry's own way is an API that mirrors often lack."""
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.check_output([TOOLS / "python", "-c", code], text=True).strip()


def environment(maker: Maker, cache: Path) -> dict[str, str]:
    """The variables in which a tool runs: its cache, and no setting of the reader's own."""
    foreign = ("PIP_", "UV_", "POETRY_", "VIRTUALENV_", "VIRTUAL_ENV", "PYTHON")
    kept = ("PIP_INDEX_URL", "PIP_CERT", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
    env: dict[str, str] = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) or name in kept
    }
    uv = {k: v for k, v in uv_environment().items() if k.startswith("UV_") and k != "UV_CACHE_DIR"}
    env |= uv | {name: str(cache) for name in maker.cache}
    if maker.name == "poetry":
        env |= {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_PYPI_MIRROR_URL": mirror()}
    return env


def make(
    maker: Maker,
    project: str,
    work: Path,
    env: Mapping[str, str],
    *,
    edit: Callable[[Path], None] | None = None,
) -> Path:
    """Make one environment in a copy of the project; where it is.

    Args:
        edit: changes the copy first.

    Raises:
        LayerctlError: the tool failed; its last lines say why.
    """
    shutil.copytree(PROJECTS / project, work)
    if edit:
        edit(work)
    venv = work / ".venv"
    for command in maker.commands:
        words = [word.format(venv=venv) for word in command]
        done = subprocess.run(words, cwd=work, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            said = "\n".join(
                f"  | {line}" for line in (done.stdout + done.stderr).strip().splitlines()[-24:]
            )
            raise LayerctlError(
                f"{maker.name} made no environment for {project}:\n{said}",
                "check the network and the index, then make layer1",
            )
    return venv
