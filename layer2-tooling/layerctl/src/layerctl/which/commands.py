"""Follow a command name: PATH, links, pyenv's shims and first lines, down to an interpreter."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 20
PYTHON = re.compile(r"(python|pypy)[0-9.]*$")
# pip writes this where the path is too long or has a space: sh starts it, Python skips it.
TRAMPOLINE = re.compile(r"""^'''exec' (?:"([^"]+)"|(\S+)) "\$0" "\$@"$""", re.MULTILINE)
MAX_STEPS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: the next file, or the end; an end with a ``cause`` is a dead one."""

    clause: str = ""
    next: Path | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file on PATH and where it leads; ``interpreter`` is None for a native program."""

    name: str
    file: Path
    interpreter: Path | None = None
    steps: tuple[Step, ...] = ()

    @property
    def dead(self) -> Step | None:
        """The step at which the way ends early."""
        return self.steps[-1] if self.steps and self.steps[-1].cause else None


def folders(env: Mapping[str, str]) -> list[Path]:
    """The folders of PATH; an empty entry is the current one."""
    return [Path(entry or ".") for entry in env.get("PATH", "").split(os.pathsep)]


def is_shim(file: Path) -> bool:
    """Whether pyenv put it there: a script that asks which version is meant."""
    return file.parent.name == "shims" and b"pyenv" in file.read_bytes()[:1000]


def from_shim(file: Path, name: str, env: Mapping[str, str]) -> Step:
    """The file that pyenv means."""
    text = file.read_text("utf-8", "replace")
    # The shim itself names the pyenv that made it, and its root.
    pyenv = (re.findall(r'exec "([^"]+)" exec', text) or ["pyenv"])[0]
    root = (re.findall(r'export PYENV_ROOT="([^"]+)"', text) or [""])[0]
    called = dict(env) | ({"PYENV_ROOT": root} if root else {})

    def say(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [pyenv, *words],
            env=called,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    try:
        which, origin = say("which", name), say("version-origin")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Step(f"its pyenv does not answer: {error}", cause="dead-shim")
    if which.returncode:
        said = (which.stderr.strip().splitlines() or ["no answer"])[0].removeprefix("pyenv: ")
        missing = "is not installed" in said
        return Step(said, cause="pyenv-missing-version" if missing else "not-in-pyenv-version")
    return Step(f"a pyenv shim; {origin.stdout.strip()} decides", Path(which.stdout.strip()))


def named_by(file: Path, env: Mapping[str, str]) -> Step:
    """The interpreter that a script's first lines name; no next step for a program."""
    head = file.read_bytes()[:2000] if os.access(file, os.R_OK) else b""
    if not head.startswith(b"#!"):
        return Step()
    text = head.decode("utf-8", "replace")
    line = text[2:].split("\n", 1)[0].strip()
    words = shlex.split(line) if '"' in line else line.split()
    if inner := TRAMPOLINE.search(text):
        target = inner.group(1) or inner.group(2)
    elif words and Path(words[0]).name == "env":
        target = next((w for w in words[1:] if not w.startswith("-") and "=" not in w), "")
    else:
        target = words[0] if words else ""
    if not PYTHON.search(target):
        return Step()
    if "/" not in target:
        hit = next((d / target for d in folders(env) if (d / target).exists()), None)
        if hit is None:
            return Step(f"it asks env for {target}, not on PATH", cause="dead-shebang")
        target = str(hit)
    if not Path(target).exists():
        return Step(f"its first line names {target}, which is gone", cause="dead-shebang")
    return Step(f"its first line names {target}", Path(target))


def follow(name: str, start: Path, env: Mapping[str, str]) -> Found:
    """Where a file on PATH leads."""
    file = start
    steps: list[Step] = []
    while len(steps) < MAX_STEPS:
        if not file.exists():
            gone = f"it links to {file.readlink()}" if file.is_symlink() else f"it leads to {file}"
            steps.append(Step(f"{gone}, which is gone", cause="dangling-link"))
        elif is_shim(file):
            steps.append(from_shim(file, name if file == start else file.name, env))
        else:
            steps.append(named_by(file, env))
        last = steps[-1]
        if last.next is None:
            python = file if PYTHON.search(file.name) and not last.cause else None
            return Found(name, start, python, tuple(s for s in steps if s.clause))
        file = last.next
    steps.append(Step("its first lines lead round in a circle", cause="dead-shebang"))
    return Found(name, start, None, tuple(steps))


def find(name: str, env: Mapping[str, str]) -> list[Found]:
    """Every file of that name on PATH, the one that runs first; links that lead nowhere too."""
    files = [folder / name for folder in dict.fromkeys(folders(env))]
    runs = [f for f in files if f.is_file() and os.access(f, os.X_OK)]
    dangling = [f for f in files if f.is_symlink() and not f.exists()]
    return [follow(name, file, env) for file in files if file in runs or file in dangling]
