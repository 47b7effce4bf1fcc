#!/usr/bin/env python3
"""OCI runtime: runc, on a host whose bounding set lacks CAP_SYS_RESOURCE.

For a privileged container Docker asks for every capability, and runc refuses because this one
cannot be granted. It is taken out of the bundle's config.json (create, run) or of the process
file (exec); then this process becomes runc.
"""

import json
import os
import sys
from itertools import pairwise
from pathlib import Path


def without(value: object) -> object:
    """The same capability sets, less the one that is lacking."""
    if isinstance(value, dict):
        return {key: without(each) for key, each in value.items()}
    return [v for v in value if v != "CAP_SYS_RESOURCE"] if isinstance(value, list) else value


def files(arguments: list[str]) -> list[Path]:
    """The files in which Docker wrote what it asks for."""
    pairs = list(pairwise(arguments))
    if "exec" in arguments:
        return [Path(value) for name, value in pairs if name in ("--process", "-p")]
    return [Path(value) / "config.json" for name, value in pairs if name in ("--bundle", "-b")]


for path in files(sys.argv[1:]):
    spec = json.loads(path.read_text("utf-8"))
    process = spec.get("process", spec)
    if "capabilities" in process:
        process["capabilities"] = without(process["capabilities"])
        path.write_text(json.dumps(spec), "utf-8")
os.execvp("runc", ["runc", *sys.argv[1:]])  # noqa: S606 - becoming runc is the point
