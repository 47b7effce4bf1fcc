"""An environment from a lock, warm: uv as our set-up calls it, against `poetry install`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

from isolation.makers import MAKERS, Maker, environment, make
from layerctl.paths import PROJECTS

Cost = tuple[float, float]
ROUNDS = 3


def project(name: str, folder: Path) -> str:
    """A project's lock with what its tests need, without the package itself."""
    source = PROJECTS[name]
    folder.mkdir(parents=True)
    text = (source / "pyproject.toml").read_text()
    text = text.replace("[tool.poetry]\n", "[tool.poetry]\npackage-mode = false\n")
    (folder / "pyproject.toml").write_text(text)
    shutil.copy(source / "poetry.lock", folder)
    shutil.copy(source / "requirements-dev.txt", folder / "requirements.txt")
    return str(folder)


def packages(venv: Path) -> set[tuple[str, str]]:
    """What is installed; Poetry also leaves the pip that it needs in every environment."""
    (site,) = venv.glob("lib/*/site-packages")
    found = {(d.name.lower(), d.version) for d in distributions(path=[str(site)])}
    return {(name, version) for name, version in found if name != "pip"}


def made(
    maker: Maker, given: str, work: Path, cost: Callable[[Callable[[], object]], Cost]
) -> tuple[Cost, set[tuple[str, str]]]:
    """The best warm round by CPU, and what the environment holds."""
    env = environment(maker, work / maker.name)
    rounds, held = [], set[tuple[str, str]]()
    for number in range(ROUNDS):
        target = work / f"{maker.name}-{number}"
        rounds.append(cost(lambda t=target: make(maker, given, t, env)))  # type: ignore[misc]
        held = packages(target / ".venv")
        shutil.rmtree(target)
        # As set-up calls it: from the cache, and only where that has gaps from the index.
        env["UV_OFFLINE"] = "1"
    return min(rounds[1:], key=lambda pair: pair[1]), held


def compare(
    name: str, work: Path, cost: Callable[[Callable[[], object]], Cost]
) -> tuple[Cost, Cost, int]:
    """uv's cost, Poetry's, and how many packages both have installed.

    Raises:
        RuntimeError: the two environments do not hold the same.
    """
    given = project(name, work / "project")
    uv, poetry = (made(m, given, work, cost) for m in MAKERS if m.name in ("uv", "poetry"))
    if uv[1] != poetry[1]:
        raise RuntimeError(f"{name}: uv and Poetry differ in {sorted(uv[1] ^ poetry[1])}")
    return uv[0], poetry[0], len(uv[1])
