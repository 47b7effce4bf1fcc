"""The run manifest: what went in, what came out, and what the next run can leave alone."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from hop_etl.commit import MANIFEST
from hop_etl.inputs import Identity, Input

# Raise it when the tables' meaning changes: then every hour is computed again.
_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Hour:
    """What one input holds of one hour; ``digest`` is a sum of hashes of the lines.

    ``first`` and ``last`` are milliseconds since 1970 of events that count, or null.
    """

    lines: int
    digest: int
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Rejected lines of one input, with the smallest of them."""

    reason: str
    lines: int
    sample: str


@dataclass(slots=True)
class Entry:
    """One input and all that was found in it."""

    file: str
    identity: Identity
    gzip: bool
    lines: int
    hours: dict[int, Hour] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Lines that are events."""
        return sum(hour.lines for hour in self.hours.values())

    @property
    def rejected(self) -> int:
        """Lines that are not."""
        return sum(reject.lines for reject in self.rejects)

    def public(self) -> dict[str, Any]:
        """As the manifest has it."""
        first, last = span([self])
        return asdict(self) | {
            "bytes": self.identity[2],
            "accepted": self.accepted,
            "rejected": self.rejected,
            "first": first,
            "last": last,
        }


def entry_of(one: Input) -> Entry:
    """An input of which nothing is known yet."""
    return Entry(one.file, one.identity, one.gzip, one.lines)


def span(entries: Iterable[Entry]) -> tuple[str | None, str | None]:
    """First and last time of the events that count, RFC 3339 with milliseconds."""
    hours = [hour for entry in entries for hour in entry.hours.values()]
    first = min((hour.first for hour in hours if hour.first is not None), default=None)
    last = max((hour.last for hour in hours if hour.last is not None), default=None)
    return _rfc3339(first), _rfc3339(last)


def _rfc3339(ms: int | None) -> str | None:
    if ms is None:
        return None
    second = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def recipe(*, window_s: int, threshold_ms: float) -> str:
    """A digest of all that decides the tables besides the logs."""
    formats = (files("slokit") / "data" / "formats.json").read_bytes()
    how = f"{_SCHEMA} {window_s} {threshold_ms}".encode()
    return hashlib.sha256(formats + how).hexdigest()


def totals(entries: Iterable[Entry]) -> dict[int, tuple[int, int]]:
    """Lines and digest of each hour over all inputs: the same, the same lines."""
    found: dict[int, tuple[int, int]] = {}
    for entry in entries:
        for start, hour in entry.hours.items():
            lines, digest = found.get(start, (0, 0))
            found[start] = (lines + hour.lines, digest + hour.digest)
    return found


def read(version: Path) -> dict[str, Any]:
    """A version's manifest as it stands on disk."""
    found: dict[str, Any] = json.loads((version / MANIFEST).read_text("utf-8"))
    return found


def load(version: Path) -> tuple[str, list[Entry]]:
    """The recipe and the entries of a version's manifest."""
    found = read(version)
    entries = [
        Entry(
            file=one["file"],
            identity=tuple(one["identity"]),
            gzip=one["gzip"],
            lines=one["lines"],
            hours={int(start): Hour(**hour) for start, hour in one["hours"].items()},
            rejects=[Reject(**reject) for reject in one["rejects"]],
        )
        for one in found["inputs"]
    ]
    return found["recipe"], entries


def dump(folder: Path, entries: list[Entry], **facts: Any) -> dict[str, Any]:
    """Write the manifest; ``lines = accepted + rejected`` has been checked by then."""
    first, last = span(entries)
    found = {
        "schema": _SCHEMA,
        "lines": sum(entry.lines for entry in entries),
        "accepted": sum(entry.accepted for entry in entries),
        "rejected": sum(entry.rejected for entry in entries),
        "first": first,
        "last": last,
        **facts,
        "inputs": [entry.public() for entry in entries],
    }
    (folder / MANIFEST).write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return found
