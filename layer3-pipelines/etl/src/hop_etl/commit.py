"""Versions of the tables: written aside, taken over by moving one link, read under a lock.

``.run/tables`` is a link to ``.run/tables.d/000007``; every table of a version is complete.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hop_etl.errors import Busy, InputError, UsageError

MANIFEST: Final = "manifest.json"
_STAGING: Final = ".staging-"
_KEPT: Final = 2


def versions_of(tables: Path) -> Path:
    """The directory that holds the versions."""
    return tables.with_name(f"{tables.name}.d")


def current(tables: Path) -> Path | None:
    """The version that the link names, if there is a complete one."""
    version = tables.resolve()
    return version if tables.is_symlink() and (version / MANIFEST).is_file() else None


@contextmanager
def reading(tables: Path) -> Iterator[Path]:
    """One version to read from: the link is resolved once, the version stays while it is read.

    Raises:
        InputError: there are no tables.
    """
    while True:
        version = current(tables)
        if version is None:
            raise InputError(f"no tables at {tables}", hint="hop-etl run, or make layer3")
        # Pruned between the two lines: the link names a newer version by now.
        with suppress(FileNotFoundError):
            lock = (version / MANIFEST).open("rb")
            break
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield version


@contextmanager
def writing(tables: Path) -> Iterator[Path]:
    """A directory to write the next version into; what is not published is removed.

    Raises:
        Busy: another run is writing these tables.
        UsageError: something that is not ours stands where the link should be.
    """
    if tables.exists() and not tables.is_symlink():
        raise UsageError(f"{tables} is no link of ours", hint="name another place: --tables DIR")
    versions = versions_of(tables)
    versions.mkdir(parents=True, exist_ok=True)
    with (versions / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another run is writing {tables}", hint="wait for it, run again") from None
        for left in versions.glob(f"{_STAGING}*"):
            shutil.rmtree(left)
        staging = versions / f"{_STAGING}{os.getpid()}"
        staging.mkdir()
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def publish(staged: Path, tables: Path) -> Path:
    """Make a complete directory the current version; readers see all of it or none."""
    versions = versions_of(tables)
    taken = [int(path.name) for path in versions.iterdir() if path.name.isdigit()]
    version = versions / f"{max(taken, default=0) + 1:06d}"
    staged.rename(version)
    link = versions / ".link"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(versions.name) / version.name)
    # A link is replaced in one step; a missing or half-moved one is never seen.
    link.replace(tables)
    _prune(versions, version)
    return version


def _prune(versions: Path, version: Path) -> None:
    """Remove old versions, but never the last ones, nor one that is being read."""
    old = sorted(path for path in versions.iterdir() if path.name.isdigit())
    for path in old[:-_KEPT]:
        with suppress(FileNotFoundError, BlockingIOError), (path / MANIFEST).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path != version:
                shutil.rmtree(path)
