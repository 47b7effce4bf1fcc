"""What goes wrong on the way from a name to an interpreter."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from layerctl.which.interpreter import Interpreter
from layerctl.which.view import Problem, View

REMEDIES = {
    "dangling-link": "make the environment again: python3 -m venv --clear FOLDER",
    "dead-shebang": "environments cannot be moved; make it again where it now is, "
    "or call it as python -m",
    "dead-shim": "install pyenv again, or take its shims off PATH",
    "pyenv-missing-version": "pyenv install VERSION, or name one of: pyenv versions",
    "not-in-pyenv-version": "pyenv shell VERSION, then pip install it there",
}


def absent(view: View) -> Iterator[Problem]:
    """``python`` does not exist where an environment is active that should have it."""
    if not view.commands.get("python") and "VIRTUAL_ENV" in view.env:
        hint = " (python3 is)" if view.chosen("python3") else ""
        yield Problem(
            "name-missing",
            f"python is not on PATH{hint}, although VIRTUAL_ENV is set",
            f"ln -s python3 {view.env['VIRTUAL_ENV']}/bin/python",
        )


def dead_ends(view: View) -> Iterator[Problem]:
    """A link, first line or shim that leads nowhere, at the front of PATH."""
    for every in view.commands.values():
        # What stands behind the one that runs hurts nobody.
        for found in every[:1]:
            if found.dead:
                cause = found.dead.cause
                yield Problem(cause, f"{found.file}: {found.dead.clause}", REMEDIES[cause])
    python = view.python()
    if python is not None and python.error:
        yield unable(python.executable, python.error)


def machine(file: Path) -> bytes:
    """The machine that an ELF file is for, bytes 18 and 19 of its head; nothing for other kinds."""
    head = file.read_bytes()[:20]
    return head[18:20] if head.startswith(b"\x7fELF") else b""


def unable(file: Path, error: str) -> Problem:
    """Why an interpreter that is there does not start."""
    found = machine(file)
    if found and found != machine(Path(os.path.realpath(sys.executable))):
        return Problem(
            "wrong-architecture",
            f"{file} was built for another machine than this {platform.machine()}",
            f"install a Python for {platform.machine()}",
        )
    return Problem("cannot-start", f"{file} does not start: {error}", "install it again")


def same(one: str, other: str) -> bool:
    """Whether two prefixes are one folder."""
    return os.path.realpath(one) == os.path.realpath(other)


def exists(venv: str) -> bool:
    """Whether an environment has an interpreter; a dangling link is none."""
    return Path(venv, "bin/python").exists()


def activation(view: View) -> Iterator[Problem]:
    """The variables of activation say one environment, PATH another."""
    active, python = view.env.get("VIRTUAL_ENV"), view.python()
    # A link of that environment that leads nowhere has been named already.
    named = active and Path(active, "bin/python").is_symlink() and not exists(active)
    if active and python and not (named or python.error or same(python.prefix, active)):
        yield Problem(
            "not-activated",
            f"VIRTUAL_ENV is {active}, but python is {python.executable}, of {python.prefix}",
            f"export PATH={active}/bin:$PATH" if exists(active) else "deactivate; make it again",
        )
    if active and (conda := view.env.get("CONDA_PREFIX")):
        yield Problem(
            "two-environments",
            f"both are active: the Conda environment {conda} and the venv {active}",
            "deactivate one: conda deactivate",
        )


def pip(view: View) -> Iterator[Problem]:
    """``pip`` installs for another interpreter than ``python``."""
    python, found = view.python(), view.chosen("pip")
    if python is None or python.error:
        return
    # One in another version's folder is a case of its own: venv-version.
    missing = not any(
        [*Path(python.prefix).glob("lib/python*/site-packages/pip")]
        + [folder for folder in python.site if Path(folder, "pip").is_dir()]
    )
    # A system without pip and without anybody's pip is in order.
    if missing and (found or "VIRTUAL_ENV" in view.env):
        yield Problem(
            "no-pip",
            f"{python.executable} has no pip of its own",
            f"{python.executable} -m ensurepip, or uv pip install --python {python.prefix}",
        )
    other: Interpreter | None = view.interpreter("pip")
    if found and other and not other.error and not same(other.prefix, python.prefix):
        yield Problem(
            "pip-mismatch",
            f"pip is {found.file}, for Python {other.version} of {other.prefix}; "
            f"python is {python.version} of {python.prefix}",
            "python -m pip, which is always that of python",
        )


def pyenv(view: View) -> Iterator[Problem]:
    """PYENV_VERSION overrules the version file of the folder."""
    wanted = view.env.get("PYENV_VERSION")
    files = [folder / ".python-version" for folder in (view.cwd, *view.cwd.parents)]
    file = next(filter(Path.is_file, files), None)
    if wanted and file:
        written = file.read_text("utf-8").split()
        if written and wanted.split(":") != written:
            yield Problem(
                "pyenv-override",
                f"PYENV_VERSION={wanted} overrules {file} ({written[0]})",
                "unset PYENV_VERSION, or pyenv shell --unset",
            )


CHECKS = (dead_ends, absent, activation, pip, pyenv)
