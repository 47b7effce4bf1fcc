"""The figures as a table for a reader and as JSON for a program."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from . import figures
from .figures import LOADS, Result, Sample


def environment() -> dict[str, str]:
    """What the figures depend on."""
    packages = ("fastapi", "uvicorn", "uvloop", "sqlalchemy", "asyncpg")
    return {
        "python": platform.python_version(),
        "cpus": str(os.cpu_count()),
        **{name: version(name) for name in packages},
    }


def table(samples: Sequence[Sample], found: Sequence[Result], about: dict[str, str]) -> str:
    """The figures for a reader."""
    lines = ["server CPU a request (us), requests a second: median of rounds", ""]
    titles = "".join(f"{load + ' us':>9}{load + ' /s':>9}" for load in LOADS)
    lines.append(f"{'':24}{titles}")
    for name in dict.fromkeys(sample.server for sample in samples):
        cells = "".join(
            f"{figures.cpu_us(samples, name, load):9.0f}{figures.rate(samples, name, load):9.0f}"
            for load in LOADS
        )
        lines.append(f"{name:24}{cells}")
    lines.append("")
    for result in found:
        sign, word = ">=" if result.least else "<=", "met" if result.met else "MISSED"
        lines.append(
            f"{result.name:32}{result.value:8.2f}   target {sign} {result.target:g}   {word}"
        )
    lines.append("")
    lines.append(", ".join(f"{key} {value}" for key, value in about.items()))
    return "\n".join(lines)


def record(
    samples: Sequence[Sample], found: Sequence[Result], about: dict[str, str]
) -> dict[str, object]:
    """The figures for a program."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "about": about,
        "results": [
            {"name": r.name, "value": round(r.value, 3), "target": r.target, "met": r.met}
            for r in found
        ],
        "samples": [
            {
                "server": s.server,
                "load": s.load,
                "requests": s.requests,
                "cpu_us": round(s.cpu_us, 1),
                "rate": round(s.rate, 1),
            }
            for s in samples
        ],
    }
