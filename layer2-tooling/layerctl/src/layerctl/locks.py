"""Lock files as data: which package at which version, and the hashes of its files."""

from __future__ import annotations

import re
import tomllib

Pins = dict[tuple[str, str], frozenset[str]]


def exported(text: str) -> Pins:
    """Hashes by name and version of a requirements file."""
    found: Pins = {}
    for entry in re.split(r"\n(?=[a-z0-9])", text):
        if pin := re.match(r"([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", entry):
            hashes = re.findall(r"sha256:([0-9a-f]{64})", entry)
            found[pin.group(1), pin.group(2).strip()] = frozenset(hashes)
    return found


def locked(text: str) -> Pins:
    """Hashes by name and version of a poetry.lock."""
    return {
        (p["name"], p["version"]): frozenset(f["hash"].removeprefix("sha256:") for f in p["files"])
        for p in tomllib.loads(text)["package"]
    }
