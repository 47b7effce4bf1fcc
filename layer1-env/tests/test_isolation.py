"""Locks that agree, and tools that refuse; the costs are measured by `make layer1`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from isolation import conda, locks
from isolation.makers import MAKERS, NAMES, PROJECTS, environment, make
from isolation.measure import Cost, first_in_path, run, table, weigh
from layerctl.environments import uv_environment
from layerctl.errors import LayerctlError, MissingError
from layerctl.paths import RUN

UV = next(maker for maker in MAKERS if maker.name == "uv")
# The download cache of the repository: no test asks the network twice.
CACHE = Path(uv_environment()["UV_CACHE_DIR"])


@pytest.mark.parametrize("name", NAMES)
def test_every_lock_of_a_project_says_the_same(name: str) -> None:
    folder = PROJECTS / name
    by_uv = locks.listed(folder / "requirements.txt")
    assert by_uv
    assert all(by_uv.values())
    assert by_uv == locks.locked(folder / "poetry.lock")
    assert by_uv == locks.listed(folder / "requirements-poetry.txt")
    assert locks.export(folder) == (folder / "requirements-poetry.txt").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_condas_file_has_no_findings(name: str) -> None:
    assert conda.findings(PROJECTS / name) == []


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ("itsdangerous=2.0.1", "itsdangerous=2.0.2", "the lock has 2.0.1"),
        ("itsdangerous=2.0.1", "itsdangerous", "not pinned"),
        ("dependencies:", "dependencies=", "neither a key nor an item"),
        ("name: old-tokens", "name: other", "not the folder's"),
        ("nodefaults", "defaults", "channels are"),
    ],
)
def test_control_a_wrong_file_for_conda_is_found(
    tmp_path: Path, right: str, wrong: str, finding: str
) -> None:
    copy = tmp_path / "old-tokens"
    shutil.copytree(PROJECTS / "old-tokens", copy)
    file = copy / "environment.yml"
    file.write_text(file.read_text().replace(right, wrong))
    assert any(finding in each for each in conda.findings(copy))


def test_a_solver_of_conda_solves_both_files() -> None:
    try:
        solvers = {conda.solve(PROJECTS / name) for name in NAMES}
    except MissingError as error:
        pytest.skip(str(error).replace("\n ", ""))
    assert len(solvers) == 1


def test_control_a_lock_with_another_hash_is_not_the_same(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(PROJECTS / NAMES[0], copy)
    before = locks.locked(copy / "poetry.lock")
    locks.forged(copy)
    assert locks.locked(copy / "poetry.lock") != before
    assert locks.listed(copy / "requirements.txt") == locks.locked(copy / "poetry.lock")


def test_both_live_side_by_side_and_a_forged_lock_does_not_install() -> None:
    # On the file system of the cache, as in real use.
    work = RUN / "layer1/test-isolation"
    shutil.rmtree(work, ignore_errors=True)
    try:
        env = environment(UV, CACHE)
        venvs = [make(UV, name, work / name, env) for name in NAMES]
        assert [run(venv).split()[0][:4] for venv in venvs] == ["2.0.", "2.2."]
        assert first_in_path(venvs[0]) == ".venv/bin"
        size, shared, files = weigh(venvs[0])
        assert 0 <= shared <= size
        assert files > 1
        with pytest.raises(LayerctlError, match=r"(?s)Hash mismatch.*itsdangerous"):
            make(UV, NAMES[0], work / "forged", env, edit=locks.forged)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def test_a_lock_older_than_its_project_is_refused(tmp_path: Path) -> None:
    code, said = locks.stale(NAMES[0], tmp_path)
    assert code == 1
    assert "poetry lock" in said


def test_the_table_has_a_row_for_each_tool() -> None:
    one = Cost("uv", 1.25, 0.5, 2_000_000, 1_000_000, 12, ".venv/bin", ("a", "b"), "links")
    lines = table([one, one]).splitlines()
    assert len(lines) == 3
    assert lines[1].split()[:8] == ["uv", "1.2", "s", "0.5", "s", "2", "MB", "1"]
