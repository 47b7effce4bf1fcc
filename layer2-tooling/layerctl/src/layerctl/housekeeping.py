"""``make down`` and ``make clean``: stop and remove what this checkout made, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from layerctl import labels
from layerctl.console import say, size
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, RUN, VENV

PIDS = RUN / "pids"
KEPT = ("venv", "uv", "python", "wheels", "poetry", "setup.lock")
PATIENCE_S = 12


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1] not in ("", "Z")


def ours(pid: int, program: str) -> bool:
    """Whether a live process is still the one that was written down: ids are used again."""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return program in done.stdout


def stop(mark: Path) -> bool:
    """Stop the process group that ``mark`` names; whether there was one.

    Raises:
        LayerctlError: it did not end.
    """
    try:
        record = json.loads(mark.read_text("utf-8"))
        pid, program = int(record["pid"]), str(record["program"])
    except (OSError, ValueError, KeyError):
        mark.unlink(missing_ok=True)
        return False
    found = ours(pid, program)
    if found:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
            deadline = time.monotonic() + PATIENCE_S
            while alive(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
        if alive(pid):
            raise LayerctlError(f"process {pid} ({program}) does not end", f"kill -9 {pid}")
        say(f"stopped {mark.stem} (process {pid})")
    mark.unlink(missing_ok=True)
    return found


def stop_spark() -> bool:
    """End what the ETL left: the server that KEEP_SPARK=1 keeps, a killed run's cluster.

    Raises:
        LayerctlError: a process does not end.
    """
    if not (VENV / "etl/bin/python").exists():
        return False
    command = [str(ROOT / "layer3-pipelines/etl/bin/down")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"the kept Spark server was not stopped: {done.stderr.strip()}")
    ended = [line for line in done.stdout.splitlines() if not re.match("no |cluster: 0 ", line)]
    for line in ended:
        say(line)
    return bool(ended)


def down() -> int:
    """Stop everything of ours that still runs."""
    stopped = [stop(mark) for mark in sorted(PIDS.glob("*.json"))]
    containers = labels.stop()
    for name in containers:
        say(f"stopped {name}")
    if not any([*stopped, stop_spark(), *containers]):
        say("nothing of this checkout is running")
    return 0


def weight(path: Path) -> int:
    """Bytes below a path; links are not followed."""
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    return sum(
        (Path(folder) / f).lstat().st_size for folder, _, files in os.walk(path) for f in files
    )


def clean(*, everything: bool) -> int:
    """Remove what carries our label, and what runs made below ``.run/``.

    Environments go only with ``everything``.
    """
    if RUN.is_symlink() or (RUN != ROOT / ".run" and not (RUN / "python").exists()):
        raise LayerctlError(f"refusing to clean {RUN}: not made by this checkout")
    for name in labels.remove():
        print(f"removed {name}")
    for path in sorted(RUN.glob("*")) if RUN.is_dir() else []:
        if path.name in KEPT and not everything:
            continue
        print(f"removed {path.relative_to(RUN.parent)} ({size(weight(path))})")
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if everything and RUN.is_dir():
        RUN.rmdir()
    elif VENV.is_dir():
        say("environments stay; make distclean removes them too")
    return 0
