"""The main job and layerctl are run from the checkout, as make does."""

from __future__ import annotations

import sys
from pathlib import Path

LAYER3 = Path(__file__).resolve().parents[1]
for folder in (LAYER3, LAYER3.parent / "layer2-tooling/layerctl/src"):
    sys.path.insert(0, str(folder))
