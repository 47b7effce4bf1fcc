"""Ask an interpreter about itself: alone, and as the caller's environment makes it."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 20
# Runs on Python 2.7 too. A file of the current folder must not answer for `json`.
ALONE = """import sys
sys.path[:] = [entry for entry in sys.path if entry]
import os, site, sysconfig
try:
    from importlib.machinery import EXTENSION_SUFFIXES as suffixes
except ImportError:
    suffixes = [".so"]
sys.stdout.write(repr({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", getattr(sys, "real_prefix", sys.prefix)),
    "stdlib": os.path.dirname(os.__file__),
    "site": sorted(set(p for p in sys.path if p.endswith("-packages"))),
    "user_site": site.getusersitepackages(),
    "suffixes": list(suffixes),
    "names": sorted(getattr(sys, "stdlib_module_names", ())),
}))"""
# No import at all: whatever the environment has broken, this much works.
AS_IS = """import sys
modules = sorted(sys.modules) + list(sys.builtin_module_names)
sys.stdout.write(repr((sys.prefix, sys.path, modules)))"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One interpreter; ``error`` says why it does not run, ``error_as_is`` why not as called here.

    Args:
        version: three numbers, for example ``3.11.7``; empty when it does not run.
        path: ``sys.path`` as the caller's environment makes it.
        loaded: modules that are loaded or built in before the first line of a script.
    """

    executable: Path
    version: str = ""
    prefix: str = ""
    base_prefix: str = ""
    stdlib: str = ""
    site: tuple[str, ...] = ()
    user_site: str = ""
    suffixes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    prefix_as_is: str = ""
    path: tuple[str, ...] = ()
    loaded: frozenset[str] = frozenset()
    error: str = ""
    error_as_is: str = ""

    @property
    def minor(self) -> str:
        """The version without its last number."""
        return self.version.rpartition(".")[0]

    @property
    def kind(self) -> str:
        """Who made it: system, pyenv, venv, uv, conda; else ``other``."""
        prefix, real = Path(self.prefix), os.path.realpath(self.executable)
        if (prefix / "conda-meta").is_dir():
            return "conda"
        if (prefix / "pyvenv.cfg").is_file():
            made_by_uv = "\nuv = " in "\n" + (prefix / "pyvenv.cfg").read_text("utf-8", "replace")
            return "venv by uv" if made_by_uv else "venv"
        if f"{os.sep}.pyenv{os.sep}" in real or f"{os.sep}pyenv{os.sep}" in real:
            return "pyenv"
        if f"{os.sep}uv{os.sep}python{os.sep}" in real:
            return "uv"
        return "system" if self.prefix in ("/usr", "/usr/local") else "other"


def ask(executable: Path, flags: list[str], code: str, env: Mapping[str, str]) -> tuple[Any, str]:
    """What the code printed, as a literal; or why not, in one line."""
    try:
        done = subprocess.run(
            [executable, *flags, "-c", code],
            env=dict(env) | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return ast.literal_eval(done.stdout), ""
    except OSError as error:
        return None, error.strerror or str(error)
    except subprocess.TimeoutExpired:
        return None, f"no answer in {LIMIT_S} s"
    except (SyntaxError, ValueError):
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return None, next((line for line in lines if "rror" in line), lines[-1])


def examine(executable: Path, env: Mapping[str, str]) -> Interpreter:
    """Everything about one interpreter, in two starts of it."""
    alone, error = ask(executable, ["-E", "-s"], ALONE, env)
    if alone is None:
        return Interpreter(executable, error=error)
    for name in ("site", "suffixes"):
        alone[name] = tuple(alone[name])
    alone["names"] = frozenset(alone["names"])
    as_is, error = ask(executable, [], AS_IS, env)
    if as_is is None:
        return Interpreter(executable, **alone, error_as_is=error)
    prefix, path, modules = as_is
    return Interpreter(
        executable, **alone, prefix_as_is=prefix, path=tuple(path), loaded=frozenset(modules)
    )
