"""Whatever happens to the job, what it started ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from main_job import processes
from main_job.processes import ProgramError, run, started, wait_for

from layerctl.errors import LayerctlError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)",
]


@pytest.fixture(autouse=True)
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(processes, "PIDS", tmp_path / "pids")
    monkeypatch.setattr(processes, "GRACE_S", 0.5)
    return tmp_path / "pids"


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("command", [SLEEP, STUBBORN])
def test_a_program_ends_with_its_block(tmp_path: Path, pids: Path, command: list[str]) -> None:
    with started("it", command, log=tmp_path / "log") as process:
        assert list(pids.iterdir())
        pid = process.pid
    assert gone(pid)
    assert not list(pids.iterdir())


def test_it_ends_when_the_block_fails(tmp_path: Path) -> None:
    def fails() -> None:
        with started("it", SLEEP, log=tmp_path / "log") as process:
            seen.append(process.pid)
            raise KeyError

    seen: list[int] = []
    with pytest.raises(KeyError):
        fails()
    assert gone(seen[0])


def test_an_exit_code_is_passed_on_unless_it_is_an_answer() -> None:
    command = [sys.executable, "-c", "print('no data'); raise SystemExit(4)"]
    assert run("it", command, also=(4,)) == "no data\n"
    with pytest.raises(ProgramError, match="it failed with exit code 4") as caught:
        run("it", command)
    assert caught.value.exit_code == 4


def test_waiting_shows_why_a_program_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "raise SystemExit('port 8000 is taken')"]
    with (
        started("it", command, log=log) as process,
        pytest.raises(LayerctlError, match="port 8000 is taken"),
    ):
        wait_for(tmp_path / "port", process, what="it", limit_s=10, log=log)


def test_waiting_has_a_limit(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with started("it", SLEEP, log=log) as process, pytest.raises(LayerctlError, match="within 0 s"):
        wait_for(tmp_path / "port", process, what="it", limit_s=0.2, log=log)
