"""What goes wrong between an interpreter and what it imports."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from layerctl.which.interpreter import Interpreter
from layerctl.which.names import same
from layerctl.which.view import Problem, View, modules

BUILT_FOR = re.compile(r"^([^.]+)(\.(?:cpython|cp|pypy)-?[^.]*\.(?:so|pyd|dylib))$")
OTHER_VERSION = re.compile(r"python(\d\.\d+)")


def home(view: View, python: Interpreter) -> Iterator[Problem]:
    """PYTHONHOME, or PYTHONPATH, keeps it from starting or moves its standard library."""
    value = view.env.get("PYTHONHOME")
    if value and not same(value, python.base_prefix):
        said = python.error_as_is or f"its prefix becomes {python.prefix_as_is}"
        yield Problem("pythonhome", f"PYTHONHOME is {value}: {said}", "unset PYTHONHOME")
    elif python.error_as_is:
        said = f"{python.executable} starts only without the variables PYTHON*"
        yield Problem("cannot-start", f"{said}: {python.error_as_is}", "env | grep ^PYTHON")


def path(view: View, python: Interpreter) -> Iterator[Problem]:
    """An entry of PYTHONPATH stands before what is installed, or is another version's."""
    installed = {name for folder in python.site for name in modules(Path(folder))}
    for entry in view.python_path():
        other = OTHER_VERSION.search(str(entry))
        hidden = sorted(installed & modules(entry).keys())
        if hidden:
            names = ", ".join(hidden[:4])
            yield Problem("pythonpath", f"PYTHONPATH: {entry} hides {names}", "unset PYTHONPATH")
        elif other and other.group(1) != python.minor:
            what = f"PYTHONPATH: {entry} is of Python {other.group(1)}, not {python.minor}"
            yield Problem("pythonpath", what, "unset PYTHONPATH")


def shadows(view: View, python: Interpreter) -> Iterator[Problem]:
    """A file of ours answers for a module of the standard library."""
    # Those that are loaded by then are found in memory, before any folder.
    reachable = python.names - python.loaded
    for folder in dict.fromkeys([view.cwd, *view.python_path()]):
        for name, file in modules(folder).items():
            if name in reachable and not same(str(folder), python.stdlib):
                what = f"{file} is imported in place of the standard module {name}"
                yield Problem("shadowed-module", what, f"rename {file}")


def user_site(view: View, python: Interpreter) -> Iterator[Problem]:
    """Packages of ``pip install --user`` reach into an environment, or hide installed ones."""
    del view
    names = modules(Path(python.user_site))
    if python.user_site not in python.path or not names:
        return
    if python.kind.startswith("venv"):
        yield Problem(
            "user-site-leak",
            f"{python.prefix} also sees {python.user_site} ({', '.join(sorted(names)[:4])})",
            f"include-system-site-packages = false in {python.prefix}/pyvenv.cfg",
        )
    hidden = sorted(names.keys() & {n for f in python.site for n in modules(Path(f))})
    if hidden and not python.kind.startswith("venv"):
        what = f"{python.user_site} hides {', '.join(hidden[:4])} of {python.prefix}"
        yield Problem("user-site-leak", what, "export PYTHONNOUSERSITE=1, or use a venv")


def upgraded(view: View, python: Interpreter) -> Iterator[Problem]:
    """The environment was made by another minor version than its link leads to today."""
    del view
    config = Path(python.prefix, "pyvenv.cfg")
    text = config.read_text("utf-8", "replace") if config.is_file() else ""
    made = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", text, re.MULTILINE)
    if made and made.group(1) != python.minor:
        yield Problem(
            "venv-version",
            f"{python.prefix} was made for Python {made.group(1)} and now runs {python.version}: "
            f"what lies in lib/python{made.group(1)} is not seen",
            f"make it again: {python.executable} -m venv --clear {python.prefix}",
        )


def extensions(view: View, python: Interpreter) -> Iterator[Problem]:
    """A compiled module is here only for other interpreters."""
    del view
    for folder in python.site:
        usable: set[tuple[str, str]] = set()
        foreign: dict[tuple[str, str], Path] = {}
        for base, _, files in os.walk(folder):
            for name in files:
                stem = name.partition(".")[0]
                if name.removeprefix(stem) in python.suffixes or name == f"{stem}.py":
                    usable.add((base, stem))
                elif BUILT_FOR.match(name):
                    foreign[base, stem] = Path(base, name)
        for key in sorted(foreign.keys() - usable):
            what = f"{foreign[key]} does not fit Python {python.version} ({python.suffixes[0]})"
            yield Problem("foreign-extension", what, "pip install --force-reinstall its package")


def editable(view: View, python: Interpreter) -> Iterator[Problem]:
    """An editable install, or a .pth file, whose folder is gone."""
    del view
    for folder in map(Path, python.site):
        if not folder.is_dir():
            continue
        for file in sorted(folder.glob("*.pth")):
            for line in file.read_text("utf-8", "replace").splitlines():
                if line.startswith("/") and not Path(line.strip()).exists():
                    what = f"{file} names {line.strip()}, which is gone"
                    yield Problem(
                        "stale-editable", what, "pip install it again, or remove the file"
                    )
        for file in sorted(folder.glob("*.dist-info/direct_url.json")):
            origin = json.loads(file.read_text("utf-8"))
            source = Path(unquote(urlsplit(origin["url"]).path))
            if origin.get("dir_info", {}).get("editable") and not source.exists():
                name = file.parent.name.partition("-")[0]
                what = f"{name} is installed editable from {source}, which is gone"
                yield Problem(
                    "stale-editable", what, f"pip uninstall {name}, then install it again"
                )


def kernels(view: View, python: Interpreter) -> Iterator[Problem]:
    """A Jupyter kernel whose interpreter is gone."""
    places = [Path(p) for p in view.env.get("JUPYTER_PATH", "").split(os.pathsep) if p]
    data = view.env.get("JUPYTER_DATA_DIR") or view.env.get("HOME", "") + "/.local/share/jupyter"
    for place in [*places, Path(data), Path(python.prefix, "share/jupyter")]:
        for file in sorted(place.glob("kernels/*/kernel.json")):
            program = json.loads(file.read_text("utf-8"))["argv"][0]
            if program.startswith("/") and not Path(program).exists():
                what = f"{file} starts {program}, which is gone"
                yield Problem("dead-kernel", what, "python -m ipykernel install --user --name NAME")


CHECKS = (home, path, shadows, user_site, upgraded, extensions, editable, kernels)
