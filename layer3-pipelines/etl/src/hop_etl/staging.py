"""Logs under names that Spark neither skips nor mangles, and bytes that do not grow.

Spark takes ``_x.log`` and ``.x.log`` for no data, globs ``[`` and ``*``, and picks the codec by
the name's end. So every log is read as ``000007.log``, and rows carry the number 7.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hop_etl.errors import ChangedInput
from hop_etl.inputs import Input, identity

_COPY: Final = 64 << 20


def stage(folder: Path, inputs: Iterable[tuple[int, Input]]) -> list[Path]:
    """Link the settled logs and copy the live ones, up to the size they were checked at.

    Raises:
        ChangedInput: a live log was rotated or cut after it had been checked.
    """
    folder.mkdir()
    paths = []
    for number, one in inputs:
        place = folder / f"{number:06d}{'.log.gz' if one.gzip else '.log'}"
        if one.live:
            _copy(one, place)
        else:
            place.symlink_to(one.path)
        paths.append(place)
    return paths


def _copy(one: Input, place: Path) -> None:
    with one.path.open("rb") as source, place.open("wb") as target:
        status = os.fstat(source.fileno())
        if identity(status)[:2] != one.identity[:2] or status.st_size < one.size:
            raise _changed(one)
        left = one.size
        while left > 0 and (chunk := source.read(min(_COPY, left))):
            target.write(chunk)
            left -= len(chunk)
        if left:
            raise _changed(one)


def check_unchanged(inputs: Iterable[Input]) -> None:
    """Compare the logs that were read in place with what they were.

    Raises:
        ChangedInput: one was rotated, written to or removed while it was read.
    """
    for one in inputs:
        try:
            same = identity(one.path.stat()) == one.identity
        except OSError:
            same = False
        if not (same or one.live):
            raise _changed(one)


def _changed(one: Input) -> ChangedInput:
    return ChangedInput(
        f"{one.file} changed while it was read (rotated, written to or removed)",
        hint="run again; nothing was changed",
    )
