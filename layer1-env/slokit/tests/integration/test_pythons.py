"""Every Python of this machine that slokit supports reads the same lines alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import slokit
from slokit.formats import DATA

PLACES = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "~/.pyenv/versions/*/bin")
ASK = "import sys; print(*sys.version_info[:3])"
PARSE = """
import sys
from slokit.parse import parse_line
for line in sys.stdin.buffer:
    print(parse_line(line.rstrip(b"\\n")))
"""
WRITTEN = "import re, sys; print(bool(re.fullmatch(sys.argv[1], sys.argv[2])))"
NO_OBJECT = '{"a":1,}'
V1 = b'{"v":1,"ts":"2026-11-23T10:00:00.000Z","route":"/{slug}","status":307,"duration_ms":3.5'
LINES = [
    V1 + b"}",
    V1 + b",}",
    V1 + b',"a"}',
    V1 + rb',"a":"\ud83d\ude00"}',
    V1 + rb',"a":"\ud83d"}',
    V1 + rb',"a":"\x"}',
    V1 + b',"a":-}',
    NO_OBJECT.encode(),
    b'192.0.2.1 - - [23/Nov/2026:10:00:00 +0000] "GET /a\\"b HTTP/1.1" 200 5 "-" "a\\"b"',
    b'192.0.2.1 - - [23/Nov/2026:10:00:00 +0000] "GET /a\\" HTTP/1.1" 200 5 "-" "a\\',
]


def pythons() -> dict[Path, tuple[int, ...]]:
    """The Pythons from 3.11 on in the usual places, and their versions; links lead to one."""
    found = {}
    for place in PLACES:
        pattern = Path(place).expanduser()
        root = Path(pattern.anchor)
        for folder in root.glob(str(pattern.relative_to(root))):
            for file in folder.glob("python3.1[1-9]"):
                asked = subprocess.run([file, "-c", ASK], capture_output=True, text=True)
                if asked.returncode == 0:
                    found[file.resolve()] = tuple(map(int, asked.stdout.split()))
    return found


@pytest.fixture(scope="module")
def others() -> dict[Path, tuple[int, ...]]:
    found = pythons()
    found.pop(Path(sys.executable).resolve(), None)
    if not found:
        pytest.skip("no other Python from 3.11 on here; enable: apt-get install python3")
    return found


def parsed(python: str | Path) -> list[str]:
    """What slokit makes of each line."""
    done = subprocess.run(
        [python, "-c", PARSE],
        input=b"".join(line + b"\n" for line in LINES),
        env={"PYTHONPATH": str(Path(slokit.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_every_python_reads_a_line_alike(others: dict[Path, tuple[int, ...]]) -> None:
    here = parsed(sys.executable)
    assert len(here) == len(LINES)
    assert {one.partition("(")[0] for one in here} == {"Event", "json", "format"}
    for python in others:
        assert parsed(python) == here, python


def test_without_the_other_way_to_write_it_an_old_python_takes_what_is_no_object(
    others: dict[Path, tuple[int, ...]],
) -> None:
    """The negative control, where there is a Python before 3.11.5."""
    pattern = DATA["patterns"]["json_object"]
    for python, version in others.items():
        told = subprocess.run(
            [python, "-c", WRITTEN, pattern, NO_OBJECT], capture_output=True, text=True, check=True
        )
        assert told.stdout == f"{version < (3, 11, 5)}\n"
