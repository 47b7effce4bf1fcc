"""The tests of shell code, by bats; every one counts, as with pytest."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from layerctl.paths import VENV

PROJECT = "bats"  # in place of a Python project's name
ENABLE = "sudo apt-get install bats zstd"


def missing() -> str:
    """Why the tests cannot run here; nothing when they can."""
    absent = [name for name in ("bats", "zstd") if shutil.which(name) is None]
    return f"no {' and no '.join(absent)}. Enable: {ENABLE}" if absent else ""


def command(tests: Path, out: Path) -> list[str]:
    """Run every file below ``tests``; leaves ``report.xml`` in ``out``."""
    files = sorted(str(path) for path in tests.glob("*.bats"))
    return ["bats", "--report-formatter", "junit", "--output", str(out), *files]


def wait_for(report: Path, limit_s: float = 10) -> None:
    """Wait until the report is whole: bats ends before its report formatter does."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if report.exists() and report.read_text("utf-8").rstrip().endswith("</testsuites>"):
            return
        time.sleep(0.05)


def environment() -> dict[str, str]:
    """The repository's own ShellCheck comes first, as some tests ask it."""
    tools = VENV / "layerctl/bin"
    return os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
