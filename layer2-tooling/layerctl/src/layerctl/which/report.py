"""Say what was found: a line a name, then each problem with its remedy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layerctl.which import imports, names
from layerctl.which.commands import Found
from layerctl.which.view import NAMES, Problem, View, look

VARIABLES = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYENV_VERSION",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONNOUSERSITE",
    "PYTHONUSERBASE",
)


def problems(view: View) -> list[Problem]:
    """Everything in the way, each once."""
    found = [problem for check in names.CHECKS for problem in check(view)]
    python = view.python()
    if python is not None and not python.error:
        found += [problem for check in imports.CHECKS for problem in check(view, python)]
    return list(dict.fromkeys(found))


def line(view: View, found: Found) -> str:
    """What one file on PATH leads to."""
    why = "; ".join(step.clause for step in found.steps)
    tail = f"   ({why})" if why else ""
    if found.interpreter is None:
        return f"{found.file}{'' if found.dead else '   a program of its own'}{tail}"
    python = view.interpreters[found.interpreter]
    if python.error:
        return f"{found.file}   does not start: {python.error}{tail}"
    return f"{found.file}   Python {python.version}, {python.kind}, {python.prefix}{tail}"


def text(view: View, found: Sequence[Problem]) -> str:
    """For people: what runs comes first, what stands behind it on PATH is indented."""
    lines = []
    for name, every in view.commands.items():
        first = line(view, every[0]) if every else "not on PATH"
        lines.append(f"{name:<9} {first}")
        lines += [f"{'':<9} then {line(view, other)}" for other in every[1:]]
    lines += [f"{name}={view.env[name]}" for name in VARIABLES if view.env.get(name)]
    lines.append("")
    for problem in found:
        lines += [f"{problem.cause}: {problem.what}", f"  Next: {problem.remedy}"]
    return "\n".join(lines) + ("" if found else "no conflict found")


def as_dict(view: View, found: Sequence[Problem]) -> dict[str, Any]:
    """For programs."""
    chosen = {name: view.chosen(name) for name in view.commands}
    return {
        "names": {n: line(view, f) if f else None for n, f in chosen.items()},
        "problems": [asdict(problem) for problem in found],
    }


def diagnose(wanted: Sequence[str]) -> tuple[View, list[Problem]]:
    """Look at this shell's interpreters; with names, only at these."""
    view = look(wanted or NAMES, dict(os.environ), Path.cwd())
    return view, problems(view)
