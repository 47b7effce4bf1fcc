"""Where things are in this checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
RUN = Path(os.environ.get("SIX_LAYERS_RUN") or ROOT / ".run")
EVIDENCE = RUN / "evidence"
LOGS = RUN / "logs"
VENV = RUN / "venv"

LAYERS = {
    0: "layer0-bash",
    1: "layer1-env",
    2: "layer2-tooling",
    3: "layer3-pipelines",
    4: "layer4-infra",
    5: "layer5-sre",
}
PROJECTS = {
    "slokit": ROOT / "layer1-env/slokit",
    "api": ROOT / "layer2-tooling/api",
    "etl": ROOT / "layer3-pipelines/etl",
    "layerctl": ROOT / "layer2-tooling/layerctl",
    "tools": ROOT / "layer1-env/tools",
    "workshop": ROOT / "layer2-tooling/workshop",
}
# Who runs a layer waits only for what it needs: these are made by the layer that uses them first.
DEFAULT = tuple(name for name in PROJECTS if name not in ("tools", "workshop"))


def cache() -> Path:
    """What downloads and checks found out, kept for every checkout: ``~/.cache/six-layers``."""
    home = os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or RUN) / ".cache"
    return Path(os.environ.get("SIX_LAYERS_CACHE") or Path(home) / "six-layers")


def checkout_id() -> str:
    """The id in the label of everything this checkout creates: stable, and another's differs."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def toolchain() -> dict[str, str]:
    """The variables of ``layer1-env/toolchain.env``; quotes removed, lines of a list kept."""
    values: dict[str, str] = {}
    name = ""
    for line in (ROOT / "layer1-env/toolchain.env").read_text("utf-8").splitlines():
        if name:
            values[name] += "\n" + line.rstrip('"')
            name = "" if line.endswith('"') else name
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values[key] = value.strip('"')
            name = key if value.startswith('"') and not value.endswith('"') else ""
    return values
