"""Evidence of one run: figures that a reader would want, in ``.run/evidence/<id>.json``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.paths import EVIDENCE

MARKS = ("real engine", "emulator", "static")
RESULTS = ("passed", "failed", "skipped")


def peak_rss_mb() -> float:
    """The largest resident set of any single child that has ended, in megabytes.

    Source: getrusage(2); Linux counts in KiB, macOS in bytes.
    """
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024), 1)


@dataclass
class Evidence:
    """What one row of the manifest showed when it ran.

    Args:
        id: the row's id, also the file's name.
        command: what a reader types to see it again.
        engine: what it ran on, for example ``native``.
        mark: one of ``real engine``, ``emulator``, ``static``.
    """

    id: str
    command: str
    engine: str = "native"
    mark: str = "real engine"
    facts: dict[str, Any] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def save(self, result: str) -> Path:
        """Write the file; it is whole or absent, never half-written.

        Raises:
            LayerctlError: ``result`` or the mark is unknown, or there are no facts.
        """
        if result not in RESULTS or self.mark not in MARKS:
            raise LayerctlError(f"evidence {self.id}: want one of {RESULTS} and one of {MARKS}")
        if result == "passed" and not self.facts:
            raise LayerctlError(f"evidence {self.id}: passed without facts shows nothing")
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        path = EVIDENCE / f"{self.id}.json"
        record = {
            "id": self.id,
            "command": self.command,
            "engine": self.engine,
            "mark": self.mark,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.clock, 1),
            "peak_rss_mb": peak_rss_mb(),
            "result": result,
            "facts": self.facts,
        }
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")
        partial.replace(path)
        return path


def read(identifier: str) -> dict[str, Any]:
    """The evidence of one row.

    Raises:
        LayerctlError: there is none, or it is not evidence.
    """
    path = EVIDENCE / f"{identifier}.json"
    try:
        record = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LayerctlError(
            f"no evidence for {identifier}: {path} is missing", "make layer3"
        ) from None
    except ValueError as error:
        raise LayerctlError(
            f"{path} is not JSON: {error}", f"rm '{path}', then run it again"
        ) from error
    if not isinstance(record, dict) or record.get("result") not in RESULTS:
        raise LayerctlError(f"{path} is not evidence", f"rm '{path}', then run it again")
    return record


def show(identifiers: list[str]) -> list[str]:
    """One line for each piece of evidence: all there is, or the named ones."""
    names = identifiers or sorted(p.stem for p in EVIDENCE.glob("*.json"))
    lines = []
    for name in names:
        row = read(name)
        facts = " - ".join(f"{key} {value}" for key, value in row["facts"].items())
        lines.append(
            f"{name}  {row['result']}  {row['mark']} ({row['engine']})  {row['seconds']} s  {facts}"
        )
    return lines
