"""What ``make test`` runs: linters, type checks, generated files and one pytest suite a project."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from layerctl import bats
from layerctl.paths import PROJECTS, ROOT, VENV, cache

SHELL_SHEBANG = b"#!/usr/bin/env bash"


def tool(project: str, name: str) -> str:
    """A program of a project's environment."""
    return str(VENV / project / "bin" / name)


# Beyond ShellCheck's default; the house style names them.
OPTIONAL = (
    "quote-safe-variables,avoid-nullary-conditions,deprecate-which,"
    "add-default-case,require-double-brackets"
)
# Each takes files: all of them in `make lint`, those of a commit in a hook.
LINTERS = {
    "ruff": [tool("layerctl", "ruff"), "check", "--no-cache", "--force-exclude"],
    "ruff-format": [tool("layerctl", "ruff"), "format", "--no-cache", "--check"],
    "shellcheck": [tool("layerctl", "shellcheck"), "-x", "-S", "style", "-o", OPTIONAL],
    "shfmt": [tool("layerctl", "shfmt"), "-i", "2", "-ci", "-bn", "-d"],
    # The width and version that ruff.toml says.
    "black": [tool("workshop", "black"), "-l", "100", "-t", "py311", "--check", "--quiet"],
}


def shell_files() -> list[str]:
    """Every Bash script that git knows, by its first line; fixtures of broken ones excepted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and "fixtures" not in path.parts:
            with path.open("rb") as file:
                if file.readline().startswith(SHELL_SHEBANG):
                    found.append(name)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Check:
    """One command that counts as one test."""

    group: str
    name: str
    command: Callable[[], list[str]]
    cwd: Path = ROOT
    covers: tuple[Path, ...] = ()  # what it looks at, where a hook must know


@dataclass(frozen=True, slots=True)
class Suite:
    """One pytest run in a project's environment; every test counts."""

    name: str
    project: str
    cwd: Path
    paths: tuple[str, ...] = ("tests",)
    coverage: bool = True
    group: str = "unit"
    alone: bool = False  # it measures how hop serves, so nothing else may load the machine
    yields: bool = False  # it only computes: at the lowest priority it disturbs no measurement
    shares: str = ""  # what only one suite at a time may have


def mypy(name: str, *words: str, cwd: Path = ROOT, project: str = "layerctl") -> Check:
    """Type-check with what a project's environment holds.

    mypy keeps what it found about files, so that a second checkout asks only about what is new to
    it. Paths are whole: for the same path it believes time and size, for others only the contents.
    """
    kept = cache() / "mypy" / name.replace(" ", "-")
    whole = [str(cwd / word) if (cwd / word).exists() else word for word in words]
    command = [tool(project, "mypy"), f"--cache-dir={kept}", *whole]
    covers = tuple(cwd / word.removeprefix("-p") for word in words)
    return Check("types", f"mypy {name}", lambda: command, cwd, covers)


def typed(folder: Path) -> list[str]:
    """What a project's own configuration would have mypy check."""
    file = folder / "pyproject.toml"
    if not file.exists():  # set-up runs in a part of the repository too, where nobody checks it
        return []
    told = tomllib.loads(file.read_text("utf-8"))
    return list(told["tool"]["mypy"]["files"])


CHECKS = (
    Check("lint", "ruff check", lambda: [*LINTERS["ruff"], "."]),
    Check("lint", "ruff format", lambda: [*LINTERS["ruff-format"], "."]),
    Check("lint", "shellcheck", lambda: [*LINTERS["shellcheck"], *shell_files()]),
    # Says nothing new where ruff format is silent; it is here because both are in the curriculum.
    Check("lint", "black", lambda: [*LINTERS["black"], "."]),
    Check("lint", "shfmt", lambda: [*LINTERS["shfmt"], *shell_files()]),
    *(mypy(name, *typed(folder), cwd=folder, project=name) for name, folder in PROJECTS.items()),
    mypy("layer 0", "--strict", "layer0-bash/lib/hash-stream.py"),
    mypy("layer 3", "--strict", "layer3-pipelines/main_job", "layer3-pipelines/on_kind"),
    mypy("timers", "--strict", "layer3-pipelines/timers"),
    mypy("stack", "--strict", "-pstack", cwd=ROOT / "layer3-pipelines"),
    # The later migrations are hop's, whose environment has Alembic; hop runs them.
    mypy(
        "pipeline",
        *("--strict", "--exclude=later-migrations", "-ppipeline", "-pschema_change"),
        cwd=ROOT / "layer3-pipelines",
    ),
    mypy("engines", "--strict", ".ci/engines/tests"),
    mypy(
        "layer 1",
        "--config-file=tools/pyproject.toml",
        *("bench", "conflicts", "exercises", "isolation", "proof", "tests", "tinywheel.py"),
        cwd=ROOT / "layer1-env",
        project="tools",
    ),
    mypy("layer 2", "--strict", "proof", "review", "tests", cwd=ROOT / "layer2-tooling"),
    Check("verify", "manifest", lambda: [sys.executable, "-m", "layerctl", "manifest", "check"]),
    Check(
        "verify",
        "pipx-tools.txt",
        lambda: [tool("workshop", "python"), "-m", "workshop.tools", "check"],
    ),
    Check("verify", "prose", lambda: [sys.executable, "-m", "layerctl", "prose", "check"]),
    Check(
        "verify",
        "objectives.json",
        lambda: [tool("layerctl", "python"), "layer5-sre/slo/generate.py", "--check"],
    ),
)


def type_checks(files: list[str]) -> list[Check]:
    """The type checks that look at any of these files, as git names them."""
    paths = [ROOT / file for file in files]
    return [c for c in CHECKS if any(p.is_relative_to(each) for p in paths for each in c.covers)]


# The longest first: they run side by side. What waits most is among the first.
SUITES = (
    Suite(
        "kind",
        "layerctl",
        ROOT / "layer3-pipelines",
        ("tests/kind",),
        coverage=False,
        group="e2e",
        shares="cluster",
    ),
    Suite("etl", "etl", PROJECTS["etl"]),
    Suite("hop", "api", PROJECTS["api"]),
    Suite("compose", "layerctl", ROOT / "layer3-pipelines/stack", coverage=False),
    # Early: once it has run, the cluster may rest.
    Suite("engines", "layerctl", ROOT / ".ci/engines", coverage=False, shares="cluster"),
    Suite("delivery", "layerctl", ROOT / "layer3-pipelines/pipeline", coverage=False, group="e2e"),
    Suite("timers", "layerctl", ROOT / "layer3-pipelines/timers", coverage=False, group="e2e"),
    Suite("layer 2", "layerctl", ROOT / "layer2-tooling", coverage=False),
    Suite("workshop", "workshop", PROJECTS["workshop"], coverage=False),
    Suite("layer 0", bats.PROJECT, ROOT / "layer0-bash/test"),
    Suite("layer 1", "tools", ROOT / "layer1-env", coverage=False),
    Suite("slokit", "slokit", PROJECTS["slokit"], yields=True),
    Suite("layerctl", "layerctl", PROJECTS["layerctl"], yields=True),
    Suite(
        "layer 3",
        "layerctl",
        ROOT / "layer3-pipelines",
        ("tests/unit",),
        coverage=False,
        yields=True,
    ),
    Suite("slo", "layerctl", ROOT / "layer5-sre/slo", coverage=False, yields=True),
    Suite(
        "main job",
        "layerctl",
        ROOT / "layer3-pipelines",
        ("tests/e2e",),
        coverage=False,
        group="e2e",
        alone=True,
    ),
)
GROUPS = ("lint", "types", "verify", "unit", "e2e")
