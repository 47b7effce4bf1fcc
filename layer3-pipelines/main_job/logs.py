"""``LOGS``: which files the reader means."""

from __future__ import annotations

import glob
import shlex
from collections.abc import Iterator
from pathlib import Path

from layerctl.errors import UsageError

EXAMPLE = "make layer3 LOGS='/var/log/nginx/access.log*'"


def expand(given: str) -> list[str]:
    """The files that ``LOGS`` names, in order, each once.

    The whole text may be one file's name or one pattern; otherwise it is split as a shell would,
    and patterns are expanded. A pattern's own dots and underscores match hidden files too.

    Raises:
        UsageError: it names nothing.
    """
    if Path(given).exists():
        return [given]
    if whole := matching(given):
        return list(_distinct(whole))
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise UsageError(f"LOGS cannot be read: {error}: {given}", EXAMPLE) from error
    found: list[str] = []
    for word in words:
        if Path(word).exists() or not glob.has_magic(word):
            found.append(word)
            continue
        matches = matching(word)
        if not matches:
            raise UsageError(f"LOGS: no file matches {word}", EXAMPLE)
        found += matches
    if not found:
        raise UsageError("LOGS is empty", EXAMPLE)
    return list(_distinct(found))


def matching(pattern: str) -> list[str]:
    """The files that a pattern matches, hidden ones included, in order."""
    # Not Path.glob: this keeps the reader's spelling.
    return sorted(glob.glob(pattern, include_hidden=True))  # noqa: PTH207


def _distinct(names: list[str]) -> Iterator[str]:
    """Each file once, under its first name: a link beside its target would count twice."""
    seen: set[tuple[int, int]] = set()
    for name in names:
        try:
            status = Path(name).stat()
        except OSError:
            yield name  # slokit says what is wrong with it
            continue
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            yield name
