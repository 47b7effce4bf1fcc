"""Set-up without network, disk or a writable home: one message, and nothing half-made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from proxies import Seen, namespace, refusing, run_behind

from layerctl.paths import ROOT, RUN

QUICK = "slokit"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout in which nothing is installed, not even uv."""
    target = tmp_path / "a clone"
    for folder in ("layer1-env", "layer2-tooling/layerctl"):
        ignore = shutil.ignore_patterns("__pycache__", ".mypy_cache", "tests", "lessons")
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    return target


def environment(clone: Path) -> dict[str, str]:
    return {
        "HOME": str(clone.parent / "home"),
        "PATH": "/usr/bin:/bin",
        "SIX_LAYERS_PYTHON": (RUN / "python").read_text().strip(),
    }


def bootstrap(clone: Path, *arguments: str, **env: str) -> tuple[int, str]:
    command = ["bash", str(clone / "layer1-env/bootstrap.sh"), *arguments]
    given = environment(clone) | env
    done = subprocess.run(
        command, env=given, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_proxy_that_refuses_is_named(clone: Path) -> None:
    with refusing() as (variables, seen):
        # At the first retry pip says why.
        code, said = bootstrap(clone, QUICK, PIP_RETRIES="1", **variables)
    assert code == 1
    assert "the proxy refuses, or does not answer" in said
    assert "Next: correct or unset HTTPS_PROXY" in said
    assert "Traceback" not in said
    assert seen.asked
    assert not (clone / ".run/venv").exists()
    assert bootstrap(clone, "--check", QUICK)[0] == 1


def behind(clone: Path, cache: Path, *names: str) -> tuple[int, str, Seen]:
    """Set up where the proxy, if these variables name it, is the only way out."""
    env = environment(clone) | {"HOME": os.environ["HOME"], "SIX_LAYERS_CACHE": str(cache)}
    command = ["bash", str(clone / "layer1-env/bootstrap.sh"), QUICK]
    return run_behind(command, env | {"PIP_RETRIES": "0"}, names)


def test_every_download_goes_through_the_proxy_and_fills_a_cache_to_carry(
    clone: Path, tmp_path: Path
) -> None:
    """uv's wheel, and what uv has fetched, are then enough for a machine without a network."""
    cache = tmp_path / "carried"
    code, said, seen = behind(clone, cache, "HTTPS_PROXY")
    assert code == 0, said
    (wheel,) = (cache / "wheels").glob("uv-*.whl")
    assert seen.received > wheel.stat().st_size
    assert all(line.startswith("CONNECT ") for line in seen.asked)
    second = tmp_path / "another clone"
    shutil.copytree(clone, second, ignore=shutil.ignore_patterns(".run"))
    with refusing() as (variables, refused):
        code, said = bootstrap(second, QUICK, SIX_LAYERS_CACHE=str(cache), **variables)
    assert code == 0, said
    assert refused.asked == []
    assert (second / ".run/venv/slokit/bin/slokit").exists()


def test_control_without_the_variable_there_is_no_way_out(clone: Path, tmp_path: Path) -> None:
    if not namespace():
        pytest.skip("the kernel makes no network namespace here. Enable: sudo make test")
    code, said, seen = behind(clone, tmp_path / "cache")
    assert code == 1
    assert "the package index does not answer" in said
    assert "HTTPS_PROXY" in said
    assert seen.asked == []


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of memory; needs root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root. Enable: sudo make test")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_message(clone: Path) -> None:
    with mounted(clone / ".run", "size=1m"):
        code, said = bootstrap(clone, QUICK)
        assert code == 1
        assert "the disk is full" in said
        assert "Traceback" not in said
        assert not (clone / ".run/venv").exists()


def test_a_home_that_cannot_be_written_names_the_variable_to_set(clone: Path) -> None:
    with mounted(clone.parent / "home", "ro"):
        code, said = bootstrap(clone, QUICK)
        assert code == 1
        assert "a folder cannot be written" in said
        assert "SIX_LAYERS_CACHE=" in said
        assert "Traceback" not in said
        assert not (clone / ".run/venv").exists()
