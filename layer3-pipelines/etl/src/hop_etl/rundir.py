"""Where files of a run go: ``.run`` of the checkout whose environment this is."""

import os
import sys
from pathlib import Path


def run_dir() -> Path:
    """The directory for generated files, not yet created: ``HOP_RUN_DIR``, or ``home_dir``."""
    named = os.environ.get("HOP_RUN_DIR")
    return Path(named).absolute() if named else home_dir()


def home_dir() -> Path:
    """Where files stand that belong to this environment, whatever run uses them.

    The ``.run`` that holds the environment (``.run/venv/etl``); else a cache directory of this
    user, so that an installed copy never writes into the working directory.
    """
    for parent in Path(sys.prefix).absolute().parents:
        if parent.name == ".run":
            return parent
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache).absolute() / "six-layers" / "etl"
