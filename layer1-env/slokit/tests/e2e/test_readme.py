"""The README's shell blocks are run in order, and must print what stands below them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(text: str) -> list[tuple[str, str | None]]:
    """Each ``sh`` block, and the ``text`` block behind it if there is one."""
    blocks = [match.groups() for match in BLOCK.finditer(text)]
    found: list[tuple[str, str | None]] = []
    for kind, body in blocks:
        if kind == "sh":
            found.append((body, None))
        else:
            found[-1] = (found[-1][0], body)
    return found


def run_all(text: str, directory: Path) -> int:
    (directory / "bin").mkdir()
    tool = directory / "bin" / "slokit"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m slokit "$@"\n')
    tool.chmod(0o755)
    environment = os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    found = examples(text)
    for script, expected in found:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        if expected is not None:
            assert done.stdout + done.stderr == expected
    return len(found)


def test_the_examples_do_what_they_say(tmp_path: Path) -> None:
    assert run_all(README.read_text(encoding="utf-8"), tmp_path) == 6


def test_this_test_notices_a_wrong_figure(tmp_path: Path) -> None:
    """The negative control."""
    wrong = README.read_text(encoding="utf-8").replace("98.0392 %", "98.0393 %")
    with pytest.raises(AssertionError):
        run_all(wrong, tmp_path)
