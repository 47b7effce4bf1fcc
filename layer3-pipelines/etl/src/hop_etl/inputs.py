"""The logs of a run: which bytes of which files, checked before anything else happens."""

import gzip
import os
import stat
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import BinaryIO, Final

from hop_etl.errors import InputError, UsageError
from slokit.errors import LogReadError
from slokit.formats import DATA
from slokit.read import lines

_GZIP: Final = b"\x1f\x8b"
_OWN: Final[bytes] = DATA["formats"]["v1"]["strict"]["begins"].encode()
_CHUNK: Final = 1 << 20
_PADDING: Final = 10
# Spark holds a whole line in memory; what has none for so long is no log of lines.
_LONGEST_LINE: Final = 256 << 20
# A log written this recently may grow under the reader: its bytes are copied before.
SETTLED_S: Final = 5.0

Identity = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Input:
    """One log as it was when the run began.

    Attributes:
        file: the name as given, for tables and messages.
        path: where it is, absolute.
        identity: device, inode, size in bytes, time of change in ns: the same, the same bytes.
        gzip: told by its first bytes, not its name.
        lines: counted here, so that Spark's count has something to be held against.
        live: perhaps still written to.
        own: its first line begins as hop's lines do.
    """

    file: str
    path: Path
    identity: Identity
    gzip: bool
    lines: int
    live: bool
    own: bool

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.identity[2]


def identity(status: os.stat_result) -> Identity:
    """What tells a changed file from an unchanged one."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def inspect(names: Iterable[str], known: Mapping[Identity, int] | None = None) -> list[Input]:
    """Check all logs; one file under two names counts once.

    Args:
        names: paths of plain or gzip files.
        known: lines of files that an earlier run has checked.

    Raises:
        InputError: one cannot be read to its end; the message names it.
        UsageError: a name that stands for no file that can be read twice.
    """
    found: dict[tuple[int, int], Input] = {}
    for name in names:
        one = _inspect(name, known or {})
        found.setdefault(one.identity[:2], one)
    return list(found.values())


def _inspect(name: str, known: Mapping[Identity, int]) -> Input:
    path = Path(name).absolute()
    first = _probe(name, path)
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            packed = stream.read(len(_GZIP)) == _GZIP
            stream.seek(0)
            count = known.get(identity(status))
            if count is None:
                count = _count(stream, name, status.st_size, packed=packed)
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"cannot read {name}: {why}", hint=f"ls -ld {quote(name)}") from error
    return Input(
        file=name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        path=path,
        identity=identity(status),
        gzip=packed,
        lines=count,
        live=not packed and time.time() - status.st_mtime < SETTLED_S,
        own=first.startswith(_OWN),
    )


def _probe(name: str, path: Path) -> bytes:
    """The first line. Refuses by name what is no log; slokit knows packed files from text."""
    if name == "-":
        raise UsageError("the ETL cannot read standard input", hint="slokit sli - reads it")
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UsageError(f"{name} is no file, and can be read only once", hint="save it first")
        return next(lines(path), b"")
    except LogReadError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"cannot read {name}: {why}", hint=f"ls -ld {quote(name)}") from error


def _count(raw: BinaryIO, name: str, size: int, *, packed: bool) -> int:
    r"""Lines in the first ``size`` bytes, the last one with or without its ``\n``."""
    stream = gzip.GzipFile(fileobj=raw) if packed else raw
    left = float("inf") if packed else size
    count, unfinished = 0, 0
    try:
        while left > 0 and (chunk := stream.read(int(min(_CHUNK, left)))):
            left -= len(chunk)
            count += chunk.count(b"\n")
            cut = chunk.rfind(b"\n")
            unfinished = len(chunk) - cut - 1 + (unfinished if cut < 0 else 0)
            if unfinished > _LONGEST_LINE:
                raise InputError(f"{name} holds a line of over {_LONGEST_LINE >> 20} MiB: no log")
    except EOFError as error:
        hint = f"copy it again; or save what is there: gzip -dc {quote(name)} > FILE"
        raise InputError(f"{name}: the gzip data is cut short", hint=hint) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        hint = f"gzip -t {quote(name)}"
        raise InputError(f"{name}: damaged gzip data ({error})", hint=hint) from error
    if packed and _padded(raw, size):
        hint = f"gzip -dc {quote(name)} > FILE"
        raise InputError(f"{name}: zeros follow the gzip data, which Java refuses", hint=hint)
    return count + (1 if unfinished else 0)


def _padded(raw: BinaryIO, size: int) -> bool:
    """Whether zeros fill up a gzip file, as on tapes; its own data ends with 9 at most."""
    raw.seek(max(0, size - _PADDING))
    return not any(raw.read(_PADDING))
