"""A full disk is named as such, whichever program met it first."""

from __future__ import annotations

import contextlib
import errno
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from layerctl.errors import LayerctlError

# hop's database, its log and the truth of one run want more than this before the first table.
LEAST_BYTES = 1 << 20


class DiskFullError(LayerctlError):
    """The run could not go on, because its disk is full."""


def free_bytes(folder: Path) -> int:
    """Free space where ``folder`` is, or would be made."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


@contextlib.contextmanager
def noticed(folder: Path) -> Iterator[None]:
    """Say of a failure in the block that the disk of ``folder`` is full, where it is.

    Raises:
        DiskFullError: in place of what the block has raised.
    """
    try:
        yield
    except (LayerctlError, OSError) as error:
        lacking = isinstance(error, OSError) and error.errno == errno.ENOSPC
        if not lacking and free_bytes(folder) >= LEAST_BYTES:
            raise
        why = "" if lacking else f"\n  {error}"
        raise DiskFullError(
            f"the disk is full; the last tables are as they were.{why}",
            f"df -h {shlex.quote(str(folder))}",
        ) from error
