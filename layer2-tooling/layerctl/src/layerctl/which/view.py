"""All that a diagnosis looks at, gathered once: the caller's variables, names and interpreters."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from layerctl.which.commands import Found, find
from layerctl.which.interpreter import Interpreter, examine

NAMES = ("python", "python3", "pip", "poetry", "jupyter")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in the way.

    Args:
        cause: a stable id, for example ``pip-mismatch``.
        what: what was found, with the paths.
        remedy: what to type or change.
    """

    cause: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class View:
    """What was found; interpreters are looked up by the file that starts them."""

    env: Mapping[str, str]
    cwd: Path
    commands: Mapping[str, list[Found]]
    interpreters: Mapping[Path, Interpreter]

    def chosen(self, name: str) -> Found | None:
        """What the shell runs: the first on PATH that is not a dangling link."""
        return next((f for f in self.commands.get(name, []) if f.file.exists()), None)

    def interpreter(self, name: str) -> Interpreter | None:
        """The interpreter behind a name."""
        found = self.chosen(name)
        return self.interpreters.get(found.interpreter) if found and found.interpreter else None

    def python(self) -> Interpreter | None:
        """What ``python`` means here; ``python3`` where there is no ``python``."""
        return self.interpreter("python" if self.chosen("python") else "python3")

    def python_path(self) -> list[Path]:
        """The entries of PYTHONPATH, as folders."""
        entries = filter(None, self.env.get("PYTHONPATH", "").split(os.pathsep))
        return [self.cwd / entry for entry in entries]


def modules(folder: Path) -> dict[str, Path]:
    """What can be imported from a folder, by its first name."""
    if not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py":
            found[path.stem] = path
        elif (path / "__init__.py").is_file():
            found[path.name] = path
    return found


def look(names: Iterable[str], env: Mapping[str, str], cwd: Path) -> View:
    """Gather everything; reads files and starts interpreters, changes nothing."""
    commands = {name: find(name, env) for name in names}
    wanted = {f.interpreter: None for fs in commands.values() for f in fs if f.interpreter}
    return View(env, cwd, commands, {file: examine(file, env) for file in wanted})
