"""Lines from files, gzip files and standard input, in constant memory."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import shlex
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, cast

from .errors import LogReadError
from .formats import MAX_LINE_OCTETS

STDIN: Final = "-"
_CHUNK: Final = 1 << 16
_HEAD: Final = 4096
_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = {
    b"\x28\xb5\x2f\xfd": "zstd -dc",
    b"BZh": "bzip2 -dc",
    b"\xfd7zXZ\x00": "xz -dc",
    b"PK\x03\x04": "unzip -p",
}
_CONTROL: Final = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f]")


def lines(source: str | os.PathLike[str]) -> Iterator[bytes]:
    r"""Each line of a log, without its ``\n``.

    A line ends at ``\n`` only. Of a line longer than ``MAX_LINE_OCTETS`` the first octets are
    given, one more than allowed, and the rest is skipped: memory does not grow with a line.

    Args:
        source: a path, plain or gzip (told by its content, not its name), or ``-``.

    Raises:
        LogReadError: it cannot be read, is not text, or a gzip file is damaged or cut short.
    """
    name = os.fspath(source)
    shown = "standard input" if name == STDIN else name
    file = "FILE" if name == STDIN else shlex.quote(name)
    try:
        with ExitStack() as stack:
            yield from _split(_open(name, stack))
    except _NotTextError as error:
        raise LogReadError(f"{shown} {str(error).format(file=file)}") from None
    except EOFError as error:
        raise LogReadError(
            f"{shown}: the gzip data is cut short; copy the file again, or read what is there: "
            f"gzip -dc {file} | slokit sli -"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise LogReadError(
            f"{shown}: damaged gzip data ({error}); check: gzip -t {file}"
        ) from error
    except IsADirectoryError as error:
        raise LogReadError(f"{shown} is a directory; name the logs in it: {file}/*") from error
    except OSError as error:
        why = error.strerror or error
        raise LogReadError(f"cannot read {shown}: {why}; look: ls -ld {file}") from error


class _NotTextError(Exception):
    """Why a source is no log, and what to do with ``{file}``."""


def _open(name: str, stack: ExitStack) -> BinaryIO:
    raw: BinaryIO
    if name == STDIN:
        raw = sys.stdin.buffer
    else:
        opened = Path(name).open("rb", buffering=_CHUNK)  # noqa: SIM115 (ExitStack closes it)
        raw = stack.enter_context(opened)
    if _peek(raw).startswith(_GZIP):
        # GzipFile reads all members of a file, one after another
        unpacked = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb"))
        raw = cast(BinaryIO, stack.enter_context(io.BufferedReader(unpacked, _CHUNK)))
    _refuse_binary(_peek(raw))
    return raw


def _peek(stream: BinaryIO) -> bytes:
    return stream.peek(_HEAD)[:_HEAD] if isinstance(stream, io.BufferedReader) else b""


def _refuse_binary(head: bytes) -> None:
    for magic, tool in _PACKED.items():
        if head.startswith(magic):
            raise _NotTextError(f"is packed; unpack it: {tool} {{file}} | slokit sli -")
    # logrotate's copytruncate leaves a run of zeros before the first line: still a log. So is one
    # with a few raw bytes in it; of a program or an image, most bytes lie in lines with such bytes.
    rest = head.lstrip(b"\0")
    dirty = sum(len(line) for line in rest.split(b"\n") if _CONTROL.search(line))
    if 2 * dirty > len(rest):
        raise _NotTextError("is no text; look what it is: file {file}")


def _split(stream: BinaryIO) -> Iterator[bytes]:
    limit = MAX_LINE_OCTETS + 1
    read = partial(stream.readline, limit)
    # Written by Windows tools; no part of the first line, and Spark drops it too.
    if _peek(stream).startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    for line in iter(read, b""):
        if line.endswith(b"\n"):
            yield line[:-1]
            continue
        yield line
        if len(line) == limit:
            _skip_line(read)


def _skip_line(read: partial[bytes]) -> None:
    for rest in iter(read, b""):
        if rest.endswith(b"\n"):
            return
