"""Locks that agree, and tools that refuse; the costs are measured by `make layer1`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from isolation import locks
from isolation.makers import MAKERS, NAMES, PROJECTS, environment, make
from isolation.measure import Cost, first_in_path, run, table, weigh
from layerctl.environments import uv_environment
from layerctl.errors import LayerctlError
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
def test_conda_pins_what_the_lock_pins(name: str) -> None:
    text = (PROJECTS / name / "environment.yml").read_text()
    pinned = dict(re.findall(r"^  - ([a-z]+)=([0-9.]+)$", text, re.MULTILINE))
    for package, version in locks.listed(PROJECTS / name / "requirements.txt"):
        assert pinned[package] == version
    assert f"name: {name}\n" in text


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
