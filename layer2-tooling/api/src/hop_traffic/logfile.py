"""Read access logs of schema v1, and the one list of routes that do not count."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import EmptyLogError, LogError, NoClientError


def read(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The decoded lines of all files, in order; ``.gz`` ones are unpacked.

    Raises:
        LogError: a file that cannot be read, or a line that is not a JSON object.
        EmptyLogError: not one line in all of them.
    """
    lines = 0
    for path in paths:
        try:
            with _open(path) as file:
                for number, line in enumerate(file, 1):
                    lines += 1
                    yield _decode(line, f"{path}:{number}")
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise LogError(f"cannot read {path}: {reason}") from None
    if not lines:
        raise EmptyLogError("the log has no line: nothing to compare")


def _open(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _decode(line: bytes, place: str) -> dict[str, Any]:
    try:
        decoded = json.loads(line)
    except ValueError as error:
        raise LogError(f"{place}: not JSON: {error}") from None
    if not isinstance(decoded, dict) or decoded.get("v") != 1:
        raise LogError(f"{place}: not a line of schema v1")
    return decoded


def internal_routes() -> frozenset[str]:
    """The routes that do not count, as slokit's data says.

    Raises:
        NoClientError: slokit is not installed beside hop.
    """
    try:
        data = resources.files("slokit") / "data" / "formats.json"
    except ModuleNotFoundError:
        raise NoClientError(
            "the check needs slokit: run make setup, or install its wheel"
        ) from None
    return frozenset(json.loads(data.read_text("utf-8"))["internal_routes"])
