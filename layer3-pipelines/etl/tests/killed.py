"""A run that is killed before each of its changes on disk, one after the other; what readers find.

``python killed.py TABLES LOG publish|in-place``, where TABLES hold LOG. It gets another name before
each run, so each run writes a whole version without Spark: all of it is there already. A version
names the log twice, in its manifest and in its rejects. What a reader can find at any moment is
what a killed run has left, since nothing else changes the disk.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# pyarrow imports pandas when it first writes: once here, and not in each run.
import pandas  # noqa: F401
import pyarrow.parquet as pq

from hop_etl import commit, manifest, run

CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.link", "os.remove", "os.rmdir"}
WRITES = os.O_WRONLY | os.O_RDWR


def die_before(number: int) -> None:
    """Have this process killed when it is about to change the disk for the n-th time."""
    left = number

    def watch(event: str, given: tuple[Any, ...]) -> None:
        nonlocal left
        if event in CHANGES or (event == "open" and given[2] & WRITES):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def in_place(staged: Path, tables: Path) -> Path:
    """The careless way to publish: each file where the old one is."""
    version = tables.resolve()
    for file in sorted(path for path in staged.rglob("*") if path.is_file()):
        file.replace(version / file.relative_to(staged))
    return version


@contextmanager
def no_spark() -> Any:
    raise AssertionError("Spark was started")
    yield


def survives(number: int, tables: Path, log: Path) -> bool:
    """Run in a process of its own, which may be killed; whether it came to its end."""
    child = os.fork()
    if not child:
        code = 1
        try:
            die_before(number)
            run.run([str(log)], tables, sessions=no_spark)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        raise SystemExit(f"run {number} ended with status {status}")
    return True


def seen(tables: Path) -> set[str]:
    """The log's names in the version that a reader gets. Threads would be lost in the next fork."""
    with commit.reading(tables) as version:
        rejects = pq.ParquetFile(version / "rejects/rejects.parquet").read(use_threads=False)
        names = {one["file"] for one in manifest.read(version)["inputs"]}
        return names | set(rejects["file"].to_pylist())


def main(tables: Path, log: Path, how: str) -> dict[str, Any]:
    """Count the versions that were found."""
    if how == "in-place":
        commit.publish = in_place
    found: Counter[str] = Counter()
    for number in range(1, 1000):
        moved = log.rename(log.with_name(f"{how}.{number}"))
        before, log = seen(tables), moved
        done = survives(number, tables, log)
        names = seen(tables)
        if done:
            break
        found["kills"] += 1
        found["mixed" if len(names) > 1 else "old" if names == before else "new"] += 1
    left = [path.name for path in commit.versions_of(tables).glob(".staging*")]
    counts = {name: found[name] for name in ("kills", "old", "new", "mixed")}
    return counts | {"left": left, "log": str(log), "named": sorted(names)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
