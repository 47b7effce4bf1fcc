"""Set-up in a copy of this repository, in a folder with a space and an umlaut, offline."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from layerctl.environments import uv_environment
from layerctl.paths import PROJECTS, ROOT, RUN

QUICK = "slokit"  # no run-time dependencies, so nothing is downloaded


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that finds uv already there; what uv fetches is in its cache."""
    target = tmp_path_factory.mktemp("setup") / "my köln clone"
    for folder in ("layer1-env", "layer2-tooling/layerctl"):
        ignore = shutil.ignore_patterns("__pycache__", ".mypy_cache", "tests")
        shutil.copytree(ROOT / folder, target / folder, ignore=ignore)
    (target / ".run").mkdir()
    shutil.copytree(RUN / "uv", target / ".run/uv", symlinks=True)
    return target


def environment(**extra: str) -> dict[str, str]:
    cache = uv_environment()["UV_CACHE_DIR"]
    base = {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin", "UV_CACHE_DIR": cache}
    return base | {"SIX_LAYERS_PYTHON": (RUN / "python").read_text().strip()} | extra


def bootstrap(clone: Path, *arguments: str, shell: str = "bash", **env: str) -> tuple[int, str]:
    command = [shell, str(clone / "layer1-env/bootstrap.sh"), *arguments]
    done = subprocess.run(
        command, env=environment(**env), capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


def works(clone: Path) -> bool:
    command = [str(clone / ".run/venv" / QUICK / "bin/slokit"), "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def made(clone: Path) -> Path:
    code, said = bootstrap(clone, QUICK)
    assert code == 0, said
    assert works(clone)
    return clone


def test_the_second_run_does_and_says_nothing(made: Path) -> None:
    stamp = made / ".run/venv" / QUICK / ".six-layers-run"
    before = stamp.stat().st_mtime_ns
    assert bootstrap(made, QUICK) == (0, "")
    assert stamp.stat().st_mtime_ns == before
    assert bootstrap(made, "--check", QUICK) == (0, "setup: nothing to do\n")


def test_a_lost_file_is_noticed_and_repaired(made: Path) -> None:
    lost = next((made / ".run/venv" / QUICK).glob("lib/*/site-packages/*.pth"))
    lost.unlink()
    code, said = bootstrap(made, "--check", QUICK)
    assert code == 1
    assert "would make or update slokit" in said
    code, said = bootstrap(made, QUICK)
    assert code == 0
    assert "repairing .run/venv/slokit" in said
    assert works(made)


def test_an_interpreter_that_moved_is_noticed_and_repaired(made: Path) -> None:
    python = made / ".run/venv" / QUICK / "bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    code, said = bootstrap(made, QUICK)
    assert code == 0
    assert "repairing" in said
    assert works(made)


def test_a_killed_run_is_resumed(made: Path) -> None:
    shutil.rmtree(made / ".run/venv" / QUICK)
    command = ["bash", str(made / "layer1-env/bootstrap.sh"), QUICK]
    with subprocess.Popen(
        command, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert "making" in process.stderr.readline()
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (made / ".run/venv" / QUICK / ".six-layers-run").exists()
    code, said = bootstrap(made, QUICK)
    assert code == 0, said
    assert works(made)


def test_two_at_once_wait_for_each_other(made: Path) -> None:
    shutil.rmtree(made / ".run/venv" / QUICK)
    command = ["bash", str(made / "layer1-env/bootstrap.sh"), QUICK]
    both = [subprocess.Popen(command, env=environment()) for _ in range(2)]
    assert [process.wait(300) for process in both] == [0, 0]
    assert works(made)


def test_a_changed_wheel_is_refused_by_name(made: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "probe-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("probe.py", "")
        archive.writestr(
            "probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n"
        )
        archive.writestr(
            "probe-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("probe-1.0.dist-info/RECORD", "")
    right, wrong = hashlib.sha256(wheel.read_bytes()).hexdigest(), "0" * 64
    listed = made / PROJECTS[QUICK].relative_to(ROOT) / "requirements.txt"
    before = listed.read_text()
    try:
        listed.write_text(f"probe @ {wheel.as_uri()} --hash=sha256:{wrong}\n")
        code, said = bootstrap(made, QUICK)
        assert code == 1
        assert "does not have the hash that is locked" in said
        assert "probe" in said
        assert wrong in said
        assert right in said
        assert "Next: " in said
        # The control of the control: with the right hash the same file is taken.
        listed.write_text(f"probe @ {wheel.as_uri()} --hash=sha256:{right}\n")
        assert bootstrap(made, QUICK)[0] == 0
    finally:
        listed.write_text(before)


def test_a_folder_that_cannot_be_written_is_one_message(clone: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(clone, copy, ignore=shutil.ignore_patterns(".run"))
    (copy / ".run").write_text("in the way")
    code, said = bootstrap(copy, QUICK)
    assert code == 1
    assert "cannot write" in said
    assert "Traceback" not in said


def test_an_old_python_is_named_and_the_remedy_too(clone: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\ncase $2 in *version.split*) echo 3.9.2 ;; *) exit 1 ;; esac\n")
    old.chmod(0o755)
    code, said = bootstrap(clone, QUICK, SIX_LAYERS_PYTHON=str(old))
    assert code == 69
    assert f"{old} is Python 3.9.2" in said
    assert "apt install" in said


def test_an_unknown_project_is_a_usage_error(clone: Path) -> None:
    code, said = bootstrap(clone, "slowkit")
    assert code == 2
    assert "no project named 'slowkit'" in said


def test_it_runs_under_the_bash_of_macos(clone: Path) -> None:
    old = os.environ.get("BASH32")
    if not old:
        pytest.skip("no Bash 3.2 here. Enable: BASH32=/path/to/bash-3.2 make test")
    code, said = bootstrap(clone, QUICK, shell=old)
    assert code == 0, said
    shown = subprocess.run(
        [old, "-c", "echo $BASH_VERSION"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("3.2")
