"""Where things are in this checkout; the workshop is installed editable, so its file says it."""

from __future__ import annotations

import hashlib
import os
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
RUN = Path(os.environ.get("SIX_LAYERS_RUN") or ROOT / ".run")
VENV = RUN / "venv"
JUPYTER = RUN / "jupyter"
SITE = Path(sysconfig.get_path("purelib"))


def checkout_id() -> str:
    """The id that layerctl gives this checkout."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
