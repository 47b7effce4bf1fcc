"""Conda's environment.yml: linted everywhere, solved where a solver is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from isolation import locks
from layerctl.errors import LayerctlError, MissingError

# Each solves without installing anything.
SOLVERS = {
    "micromamba": ("create", "--dry-run", "--yes", "--name", "six-layers-dry-run", "--file"),
    "mamba": ("env", "create", "--dry-run", "--yes", "--name", "six-layers-dry-run", "--file"),
    "conda": ("env", "create", "--dry-run", "--name", "six-layers-dry-run", "--file"),
}
FORM = re.compile(r"name: (?P<name>\S+)|channels:|dependencies:|  - (?P<item>\S+)|#.*")
PIN = re.compile(r"(?P<package>[a-z0-9-]+)=(?P<version>[0-9.]+)")
# The channel of the community; the default ones want a licence from larger companies.
CHANNELS = ["conda-forge", "nodefaults"]


def findings(project: Path) -> list[str]:
    """What is wrong with a project's file: form, channels, and pins that are not the lock's."""
    wrong, section = [], ""
    found: dict[str, list[str]] = {"channels": [], "dependencies": []}
    for number, line in enumerate((project / "environment.yml").read_text().splitlines(), 1):
        parts = FORM.fullmatch(line)
        if parts is None:
            wrong.append(f"line {number}: neither a key nor an item: {line}")
        elif parts["item"] and section:
            found[section].append(parts["item"])
        elif line.endswith(":"):
            section = line[:-1]
        elif parts["name"] and parts["name"] != project.name:
            wrong.append(f"line {number}: the name is not the folder's: {parts['name']}")
    if found["channels"] != CHANNELS:
        wrong.append(f"channels are {found['channels']}, not {CHANNELS}")
    pins = {}
    for item in found["dependencies"]:
        pin = PIN.fullmatch(item)
        if pin is None:
            wrong.append(f"not pinned: {item}")
        else:
            pins[pin["package"]] = pin["version"]
    for package, version in locks.listed(project / "requirements.txt"):
        if pins.get(package) != version:
            wrong.append(f"{package} is {pins.get(package)}, the lock has {version}")
    return wrong


def solve(project: Path) -> str:
    """Solve a project's file; the solver's name.

    Raises:
        MissingError: no solver is here.
        LayerctlError: there is no solution, or no channel answers.
    """
    name = next(filter(shutil.which, SOLVERS), None)
    if name is None:
        raise MissingError("no Conda solver is here.", "install micromamba, then make test LAYER=1")
    file = project / "environment.yml"
    command = [name, *SOLVERS[name], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"{name} does not solve {file}:\n{done.stdout}{done.stderr}")
    return name
