"""Lay out a layer of the image below a folder, the same bytes each time.

Usage: python assemble.py python|packages|ours|data OUT

  python    the interpreter, its library and the shared libraries that anything here needs
  packages  the packages that the lock names
  ours      hop, slokit, their commands, the bill of materials
  data      the empty folder that a volume takes its owner from

Runs in the build, with the interpreter that is copied. Exit codes: 0 done, 1 failed, 2 usage.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

from tree import compile_below, elves, place, settle, shared_libraries

VENV = Path("/app")
SITE = VENV / f"lib/python{sysconfig.get_python_version()}/site-packages"
OURS = ("hop", "slokit")
USER = 65532
# Of no use to a service. `config-*` holds the interpreter's static library; curses, readline and
# dbm would each bring a shared library more.
UNUSED = re.compile(
    r"__pycache__|site-packages|dist-packages|config-.*|.*\.(pyx|pxd|pyi|c|h|a)"
    r"|test|tests|testing|_test.*\.so|_?xxtestfuzz.*|idlelib|turtle\.py|turtledemo|doctest\.py"
    r"|_?tkinter.*|_?curses.*|readline.*\.so|_g?dbm.*\.so|dbm"
    r"|lib2to3|ensurepip|venv|pydoc\.py|pydoc_data|pdb\.py|_pyrepl"
)


def unused(_: str, names: list[str]) -> set[str]:
    """For shutil.copytree: what stays out."""
    return {name for name in names if UNUSED.fullmatch(name)}


def python(out: Path) -> None:
    """The interpreter with its library, and the few files that libc and OpenSSL look for."""
    executable = Path(sys.executable).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(standard, out / standard.relative_to("/"), ignore=unused, symlinks=True)
    place(out, executable)
    programs = [executable, *elves(out / standard.relative_to("/")), *elves(VENV)]
    for library in shared_libraries(programs):
        place(out, library)
    for name in ("lib", "lib64"):  # programs name their loader below these
        if Path("/", name).is_symlink():
            (out / name).symlink_to(Path("/", name).readlink())
    for name in ("ssl/certs/ca-certificates.crt", "os-release", "ld.so.conf"):
        (out / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path("/etc", name), out / "etc" / name)
    shutil.copytree("/etc/ld.so.conf.d", out / "etc/ld.so.conf.d")
    subprocess.run(["/sbin/ldconfig", "-X", "-r", out], check=True)
    shutil.rmtree(out / "var", ignore_errors=True)  # only ldconfig's own cache
    (out / "etc/passwd").write_text(f"hop:x:{USER}:{USER}::/data:/nonexistent\n")
    (out / "etc/group").write_text(f"hop:x:{USER}:\n")
    (out / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    (out / "tmp").mkdir()
    compile_below(out, standard)


def packages(out: Path) -> None:
    """The environment with everything but our own code; debug information goes."""
    shutil.copytree(VENV, out / VENV.relative_to("/"), ignore=unused_in_venv, symlinks=True)
    found = elves(out)
    if found:
        subprocess.run(["strip", "--strip-unneeded", *found], check=True)
    compile_below(out, VENV)


def unused_in_venv(folder: str, names: list[str]) -> set[str]:
    """As ``unused``, where the folder `site-packages` is the point; commands of others go."""
    if folder == str(VENV / "bin"):
        return {name for name in names if not name.startswith("python")}
    if folder == str(SITE / "pydantic"):
        # Models of pydantic 1. FastAPI imports them where they are, only to refuse them.
        return {"v1", *unused(folder, names)}
    return unused(folder, [name for name in names if name != "site-packages"])


def ours(out: Path) -> None:
    """What pip has installed for our own distributions, and the bill of materials."""
    shutil.copytree(VENV / "share", out / "app/share")
    for found in distributions(path=[str(SITE)]):
        for file in found.files or () if found.name in OURS else ():
            # Not resolved: a link stays a link.
            source = Path(os.path.normpath(str(found.locate_file(file))))
            target = out / source.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    compile_below(out, VENV)


def data(out: Path) -> None:
    """Where hop may write."""
    (out / "data").mkdir()


LAYERS = {"python": python, "packages": packages, "ours": ours, "data": data}


def main() -> int:
    """Make one layer."""
    if len(sys.argv) != 3 or sys.argv[1] not in LAYERS:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[2])
    out.mkdir(parents=True)
    LAYERS[sys.argv[1]](out)
    settle(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
