"""Files of an image's layer: programs, the libraries they load, byte code, times."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
from pathlib import Path
from py_compile import PycInvalidationMode

LOADED = re.compile(r"(?:=> )?(/\S+) \(0x")


def is_elf(path: Path) -> bool:
    """Whether a file is a program or a shared library."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def elves(folder: Path) -> list[Path]:
    """Programs and shared libraries below a folder, each once."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and is_elf(p))


def place(out: Path, path: Path) -> None:
    """Copy a file to its place, and the link by which it is asked for."""
    real = path.resolve()
    target = out / real.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(real, target)
    target.chmod(0o755)
    asked = path.parent.resolve() / path.name
    if asked != real:
        link = out / asked.relative_to("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(real, asked.parent))


def shared_libraries(programs: list[Path]) -> list[Path]:
    """What the loader would load for these, the loader included.

    Raises:
        SystemExit: one is missing in this base.
    """
    done = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False)
    if "not found" in done.stdout:
        raise SystemExit(f"assemble: a library is missing:\n{done.stdout}")
    return sorted({Path(found) for found in LOADED.findall(done.stdout)})


def compile_below(out: Path, folder: Path) -> None:
    """Byte code that is valid whatever the time stamps say, under the paths of the image."""
    good = compileall.compile_dir(
        out / folder.relative_to("/"),
        quiet=1,
        stripdir=str(out),
        prependdir="/",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not good:
        raise SystemExit("assemble: a module does not compile")


def settle(out: Path) -> None:
    """One time, one owner and readable modes for all, so that the layer is the same each time."""
    moment = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in (*out.rglob("*"), out):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        if path == out / "tmp":
            path.chmod(0o1777)
        os.utime(path, (moment, moment), follow_symlinks=False)
