"""Build wheel and sdist so that anybody who builds the same commit gets the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from layerctl.errors import LayerctlError

# No file in an archive may be older than this: zip knows no year before 1980.
OLDEST = 315532800


@dataclass(frozen=True, slots=True)
class Built:
    """The two files of a release."""

    wheel: Path
    sdist: Path

    def hashes(self) -> dict[str, str]:
        """SHA-256 by file name."""
        files = (self.wheel, self.sdist)
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def epoch(project: Path) -> int:
    """The time that all files in the archives carry: that of the project's last commit."""
    command = ["git", "log", "-1", "--format=%ct", "--", "."]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return int(done.stdout.strip() or OLDEST)


# region: build
def build(project: Path, out: Path, *, when: int) -> Built:
    """Build with Poetry; the time comes from ``when``, not from the files or the clock.

    Raises:
        LayerctlError: Poetry failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    poetry = [sys.executable, "-m", "poetry", "build", "--no-interaction", "--output", str(out)]
    env = os.environ | {
        "SOURCE_DATE_EPOCH": str(when),
        # Else each build leaves an environment in a cache of Poetry's own.
        "POETRY_VIRTUALENVS_CREATE": "false",
    }
    done = subprocess.run(poetry, cwd=project, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"poetry build failed:\n{done.stdout}{done.stderr}")
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return Built(wheel, sdist)


# endregion


def copy(project: Path, target: Path, *, when: int, mode: int) -> Path:
    """A copy of the project elsewhere, with other times and permissions, as another clone has."""
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", "dist")
    shutil.copytree(project, target, ignore=ignore)
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(mode)
        os.utime(path, (when, when))
    return target


def twice(project: Path, out: Path) -> Built:
    """Build in two folders, with files of different times and permissions; the same bytes.

    Raises:
        LayerctlError: they differ.
    """
    when = epoch(project)
    with tempfile.TemporaryDirectory() as folder:
        one = copy(project, Path(folder, "one"), when=OLDEST + 1, mode=0o644)
        two = copy(project, Path(folder, "another place/two"), when=when + 5, mode=0o600)
        first, second = build(one, out, when=when), build(two, Path(folder, "out"), when=when)
        if first.hashes() != second.hashes():
            raise LayerctlError(f"two builds differ: {first.hashes()} and {second.hashes()}")
    return first


def contents(built: Built) -> tuple[set[str], set[str]]:
    """The files of wheel and sdist, without the folder that the sdist puts them in."""
    with zipfile.ZipFile(built.wheel) as archive:
        wheel = set(archive.namelist())
    with tarfile.open(built.sdist) as archive:
        sdist = {name.partition("/")[2] for name in archive.getnames()}
    return wheel, sdist
