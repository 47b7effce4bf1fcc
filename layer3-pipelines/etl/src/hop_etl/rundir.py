"""Where files of a run go: ``.run`` of the checkout whose environment this is."""

import os
import sys
from pathlib import Path


def run_dir() -> Path:
    """The directory for generated files, not yet created.

    ``HOP_RUN_DIR`` names it; else it is the ``.run`` that holds this environment
    (``.run/venv/etl``); else a cache directory of this user, so that an installed copy
    never writes into the working directory.
    """
    named = os.environ.get("HOP_RUN_DIR")
    if named:
        return Path(named).absolute()
    for parent in Path(sys.prefix).absolute().parents:
        if parent.name == ".run":
            return parent
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache).absolute() / "six-layers" / "etl"
