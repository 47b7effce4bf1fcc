"""Known vulnerabilities of the changed packages, by pip-audit; its database is on the network."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_S = 120
ENABLE = "a network that reaches PyPI itself, then make dependencies"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database says.

    Args:
        vulnerable: identifiers of known vulnerabilities by package.
        unasked: why some packages, or all, were not looked up; empty when all were.
    """

    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    unasked: str = ""


def known(requirements: str, folder: Path) -> Answer:
    """Ask for every package of a hash-locked requirements file."""
    listed = folder / "audit.txt"
    listed.write_text(requirements, "utf-8")
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    command += ["--progress-spinner", "off", "--format", "json", "--timeout", "10"]
    try:
        done = subprocess.run(
            [*command, "-r", str(listed)],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(unasked=f"no answer within {LIMIT_S} s")
    return answer(done.stdout, done.stderr)


def answer(out: str, errors: str) -> Answer:
    """Read pip-audit's JSON. A package that it passed over is green there, and not here."""
    try:
        rows = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        last = (errors.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return Answer(unasked=last[-160:])
    over = [row for row in rows if "skip_reason" in row]
    why = f"{len(over)} of {len(rows)} packages: {over[0]['skip_reason']}" if over else ""
    found = {row["name"]: [v["id"] for v in row["vulns"]] for row in rows if row.get("vulns")}
    return Answer(found, why)
