"""The truth as a JSON file: written whole or not at all."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from .errors import TruthError
from .truth import Key, Lost, Surprise, Truth

VERSION = 1
Row = TypeVar("Row", Key, Lost, Surprise)
SCALARS = ("injected_failures", "slow", "maybe_slow", "unsent")


def to_json(truth: Truth) -> dict[str, Any]:
    """The truth as plain data; ``total``, ``good`` and ``failed`` are there for readers."""
    return {
        "v": VERSION,
        "threshold_ms": truth.threshold_ms,
        "total": truth.total,
        "good": truth.good,
        "failed": truth.failed,
        **{name: getattr(truth, name) for name in SCALARS},
        "first": _stamp(truth.first),
        "last": _stamp(truth.last),
        "runs": truth.runs,
        "counts": _rows(truth.counts),
        "internal": _rows(truth.internal),
        "surprises": _rows(truth.surprises),
        "lost": _rows(truth.lost),
        "clicks": dict(sorted(truth.clicks.items(), key=lambda item: (-item[1], item[0]))),
    }


def from_json(data: Any) -> Truth:
    """The truth that ``to_json`` made plain.

    Raises:
        TruthError: something is missing or of another kind.
    """
    try:
        if data["v"] != VERSION:
            raise TruthError(f"a truth of version {data['v']!r}; this program reads {VERSION}")
        return Truth(
            threshold_ms=float(data["threshold_ms"]),
            runs=list(data["runs"]),
            counts=_counter(data["counts"], Key),
            internal=_counter(data["internal"], Key),
            clicks=Counter({str(slug): int(n) for slug, n in data["clicks"].items()}),
            lost=_counter(data["lost"], Lost),
            surprises=_counter(data["surprises"], Surprise),
            **{name: int(data[name]) for name in SCALARS},
            first=_seconds(data["first"]),
            last=_seconds(data["last"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TruthError(f"not a truth file of hop-traffic: {error!r}") from None


def read(path: Path) -> Truth:
    """Read a truth file.

    Raises:
        TruthError: it is not there, cannot be read, or is something else.
    """
    try:
        return from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise TruthError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise TruthError(f"{path} is not JSON: {error}") from None
    except TruthError as error:
        raise TruthError(f"{path}: {error}") from None


def probe(path: Path) -> None:
    """Make the folder of a truth file and see that it takes files.

    Raises:
        TruthError: it does not.
    """
    if path.is_dir():
        raise TruthError(f"cannot write {path}: it is a directory")
    draft = _draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise TruthError(f"cannot write {path}: {error.strerror}") from None


def write(path: Path, truth: Truth) -> None:
    """Write a truth file; a reader sees the old one or the new one, never half of one.

    Raises:
        TruthError: the disk does not take it.
    """
    draft = _draft(path)
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(to_json(truth), file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise TruthError(f"cannot write {path}: {error.strerror}") from None


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _rows(counter: Counter[Row]) -> list[dict[str, Any]]:
    rows = sorted(counter.items(), key=lambda item: tuple(map(str, item[0])))
    return [{**row._asdict(), "count": n} for row, n in rows]


def _counter(rows: Any, kind: Callable[..., Row]) -> Counter[Row]:
    counter: Counter[Row] = Counter()
    for row in rows:
        fields = dict(row)
        n = int(fields.pop("count"))
        counter[kind(**fields)] += n
    return counter


def _stamp(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _seconds(stamp: str | None) -> float | None:
    return None if stamp is None else datetime.fromisoformat(stamp).timestamp()
