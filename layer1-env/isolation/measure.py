"""What a tool costs and leaves: seconds cold and warm, bytes, bytes shared, and PATH."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from isolation.makers import Maker, environment, make
from layerctl.console import size

HEAD = ("tool", "cold", "warm", "size", "shared", "files", "activation puts first", "leaves")


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of the table.

    Args:
        cold: seconds with an empty cache, the network included.
        warm: seconds with the cache that this left.
        shared: bytes in files that have another name elsewhere, such as in a cache.
        first: what activation puts first in PATH, relative to the project.
        said: what the two projects printed in their environments.
    """

    name: str
    cold: float
    warm: float
    size: int
    shared: int
    files: int
    first: str
    said: tuple[str, ...]
    writes: str

    def row(self) -> tuple[str, ...]:
        """For the table."""
        sizes = (size(self.size), size(self.shared), str(self.files))
        return (
            self.name,
            f"{self.cold:.1f} s",
            f"{self.warm:.1f} s",
            *sizes,
            self.first,
            self.writes,
        )


def weigh(venv: Path) -> tuple[int, int, int]:
    """Bytes, bytes in files with another hard link, and number of files."""
    stats = [p.stat() for p in venv.rglob("*") if p.is_file() and not p.is_symlink()]
    shared = sum(s.st_size for s in stats if s.st_nlink > 1)
    return sum(s.st_size for s in stats), shared, len(stats)


def first_in_path(venv: Path) -> str:
    """The first folder in PATH after activation, relative to the project."""
    script = 'source "$0/bin/activate" && printf %s "${PATH%%:*}"'
    found = subprocess.check_output(["bash", "--norc", "-c", script, str(venv)], text=True)
    return str(Path(found).relative_to(venv.parent))


def run(venv: Path) -> str:
    """What the project prints, called by the path of its interpreter: nothing is activated."""
    return subprocess.check_output(
        [venv / "bin/python", venv.parent / "app.py"], text=True, stderr=subprocess.STDOUT
    ).strip()


def cost(maker: Maker, projects: tuple[str, ...], work: Path) -> Cost:
    """Make the first project's environment twice, then the others; all stay side by side."""
    env = environment(maker, work / "cache")
    seconds, venvs = [], []
    for number, project in enumerate((projects[0], *projects)):
        started = time.monotonic()
        venvs.append(make(maker, project, work / f"{number}-{project}", env))
        seconds.append(time.monotonic() - started)
    weight, shared, files = weigh(venvs[1])
    said = tuple(run(venv) for venv in venvs[1:])
    first = first_in_path(venvs[1])
    return Cost(
        maker.name, seconds[0], seconds[1], weight, shared, files, first, said, maker.writes
    )


def table(costs: list[Cost]) -> str:
    """All rows, in columns."""
    rows = [HEAD, *(c.row() for c in costs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(w.ljust(n) for w, n in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
