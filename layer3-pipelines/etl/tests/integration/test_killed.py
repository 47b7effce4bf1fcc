"""A run that is killed at any moment: readers find the old tables or the new ones."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import minutes, write
from rows import expected, written

from hop_etl.run import Result


def test_killed_before_any_of_its_changes_readers_find_old_or_new(
    etl: Callable[..., Result], tmp_path: Path, tables: Path
) -> None:
    """The control, on the same tables: a writer that replaces file after file."""
    log = write(tmp_path / "access.log", [*minutes(60, step_s=240), b"bad"])
    etl(log)
    found = killed(tables, log, "publish")
    last = Path(found["log"])
    assert found["kills"] == found["old"] + found["new"] > 20
    assert min(found["old"], found["new"]) > 0
    assert (found["mixed"], found["left"], found["named"]) == (0, [], [str(last)])
    assert written(tables.resolve()) == expected(last)
    assert killed(tables, last, "in-place")["mixed"] > 0


def killed(tables: Path, log: Path, how: str) -> dict[str, Any]:
    """What ``killed.py`` counts; without this process' threads, which a fork would lose."""
    program = Path(__file__).parents[1] / "killed.py"
    command = [sys.executable, str(program), str(tables), str(log), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
