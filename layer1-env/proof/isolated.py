"""1.1: two projects that cannot share an environment, side by side by four tools, from locks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from isolation import conda, locks
from isolation.makers import MAKERS, NAMES, PROJECTS, environment, make
from isolation.measure import Cost, cost, table
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.paths import RUN
from proof.steps import FailedError, require


def refuses(maker_name: str, work: Path, cache: Path) -> None:
    """A lock with another hash in it must stop the tool."""
    maker = next(m for m in MAKERS if m.name == maker_name)
    target = work / f"forged-{maker_name}"
    try:
        make(maker, NAMES[0], target, environment(maker, cache), edit=locks.forged)
    except LayerctlError as error:
        said = str(error)
        require(
            f"{maker_name} refuses a lock with another hash, and names the package",
            ("hash" in said.lower() or "checksum" in said) and "itsdangerous" in said,
            said,
        )
        return
    raise FailedError(f"{maker_name} installed from a lock with another hash")


def agree(project: str) -> int:
    """Every lock of a project says the same; how many files are locked by hash."""
    folder = PROJECTS / project
    by_uv, by_poetry = (
        locks.listed(folder / "requirements.txt"),
        locks.locked(folder / "poetry.lock"),
    )
    exported = folder / "requirements-poetry.txt"
    claim = f"{project}: requirements.txt = poetry.lock = its export: "
    pins = ", ".join(f"{name} {version}" for name, version in by_uv)
    same = by_uv == by_poetry == locks.listed(exported)
    require(claim + pins, same and by_uv, (by_uv, by_poetry))
    require(f"{project}: the export is today's", locks.export(folder) == exported.read_text())
    return sum(map(len, by_uv.values()))


def wheel_changed(work: Path) -> None:
    """pip takes the wheel that is locked, and refuses it with one more file in it."""
    place = locks.wheels(NAMES[0], work)
    code, said = locks.from_folder(NAMES[0], place, work)
    require("pip installs the locked wheel from a folder, offline", code == 0, said)
    (wheel,) = place.iterdir()
    locks.change(wheel)
    code, said = locks.from_folder(NAMES[0], place, work)
    named = "itsdangerous" in said and "Expected sha256" in said and "Got" in said
    require("pip refuses the changed wheel, with both hashes", code and named, said)


def measured(work: Path) -> list[Cost]:
    """Every tool makes both environments; each project finds its version."""
    costs = []
    for maker in MAKERS:
        found = cost(maker, NAMES, work / maker.name)
        versions = [said.split()[0] for said in found.said]
        wanted = [next(iter(locks.listed(PROJECTS / n / "requirements.txt")))[1] for n in NAMES]
        require(
            f"{maker.name}: {' and '.join(versions)} side by side", versions == wanted, versions
        )
        costs.append(found)
    return costs


def conda_verdict() -> str:
    """Conda's files linted, and solved where a solver is."""
    for name in NAMES:
        wrong = conda.findings(PROJECTS / name)
        require(f"{name}: environment.yml is well-formed and pins what is locked", not wrong, wrong)
    try:
        return "solved by " + {conda.solve(PROJECTS / name) for name in NAMES}.pop()
    except MissingError as error:
        return f"static, linted: {error}".replace("\n ", "")


def prove(facts: dict[str, Any]) -> None:
    """Locks, refusals, and the table of tools."""
    # On the file system of the environments: elsewhere uv could not link, only copy.
    with tempfile.TemporaryDirectory(dir=RUN) as folder:
        work = Path(folder)
        facts["files_locked_by_hash"] = sum(map(agree, NAMES))
        code, said = locks.together(work)
        require("no environment suits both", code and "unsatisfiable" in said, said)
        code, said = locks.stale(NAMES[0], work)
        require("poetry refuses a lock that is older than pyproject.toml", code, said)
        wheel_changed(work)
        costs = measured(work)
        for name in ("venv", "uv", "poetry"):
            refuses(name, work, work / name / "cache")
        say(table(costs))
        facts["refused"] = 6
        for each in costs:
            facts[each.name] = f"{each.cold:.1f} s cold, {each.warm:.1f} s warm"
    facts["conda"] = conda_verdict()
