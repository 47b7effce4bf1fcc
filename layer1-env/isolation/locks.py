"""Locks that agree with each other, and what happens when one, or a wheel, is changed."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from isolation.makers import PROJECTS, TOOLS, UV
from layerctl.environments import uv_environment
from layerctl.locks import Pins, exported
from layerctl.locks import locked as parsed


def listed(path: Path) -> Pins:
    """Hashes by name and version of a requirements file."""
    return exported(path.read_text("utf-8"))


def locked(path: Path) -> Pins:
    """Hashes by name and version of a poetry.lock."""
    return parsed(path.read_text("utf-8"))


def export(project: Path) -> str:
    """What Poetry exports from the lock today."""
    command = [str(TOOLS / "poetry"), "export", "--without-urls"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return done.stdout


def run(*command: str | Path, cwd: Path) -> tuple[int, str]:
    """Exit code and all output."""
    env = uv_environment() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def together(work: Path) -> tuple[int, str]:
    """Ask the resolver for one environment that suits both projects."""
    wanted = "".join(
        (PROJECTS / p / "requirements.in").read_text() for p in ("old-tokens", "new-tokens")
    )
    (work / "both.in").write_text(wanted)
    return run(UV, "pip", "compile", "--quiet", "both.in", cwd=work)


def wheels(project: str, work: Path) -> Path:
    """The wheels that a project has locked, in a folder."""
    place = work / "wheels"
    source = PROJECTS / project / "requirements.txt"
    pip = (TOOLS / "python", "-m", "pip", "download", "-q", "--require-hashes", "--no-deps")
    code, said = run(*pip, "-d", place, "-r", source, cwd=work)
    if code:
        raise subprocess.CalledProcessError(code, "pip download", stderr=said)
    return place


def change(wheel: Path) -> None:
    """One more file in a wheel: the same name and version, other bytes."""
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("planted.py", "print('planted')\n")


def from_folder(project: str, place: Path, work: Path) -> tuple[int, str]:
    """Install what is locked from a folder of wheels, without the network, as pip does it."""
    source = PROJECTS / project / "requirements.txt"
    pip = (TOOLS / "python", "-m", "pip", "install", "-q", "--no-index", "--find-links", place)
    options = ("--require-hashes", "--no-deps", "--upgrade", "--target", work / "target")
    return run(*pip, *options, "-r", source, cwd=work)


def stale(project: str, work: Path) -> tuple[int, str]:
    """What Poetry says when pyproject.toml was edited and the lock was not."""
    copy = work / "stale"
    shutil.copytree(PROJECTS / project, copy)
    file = copy / "pyproject.toml"
    file.write_text(file.read_text().replace("itsdangerous>=2", "itsdangerous>=1"))
    return run(TOOLS / "poetry", "check", "--lock", cwd=copy)


def forged(folder: Path) -> None:
    """Write another hash into every lock of a project."""
    for name in ("requirements.txt", "poetry.lock"):
        file = folder / name
        file.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, file.read_text()))
