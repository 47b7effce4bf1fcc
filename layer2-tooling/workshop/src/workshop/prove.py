"""Show that kernels and pinned tools work; print the figures as JSON: ``prove kernels|tools``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from workshop import kernels, report, tools, traffic
from workshop.paths import JUPYTER


def imports(kernel: str, *names: str) -> dict[str, bool]:
    """Which of these a kernel can import; asked through Jupyter's protocol."""
    with kernels.running(kernel) as client:
        wishes = {name: f"__import__('{name}').__name__" for name in names}
        reply = client.execute_interactive("", user_expressions=wishes, timeout=60)
        answers = reply["content"]["user_expressions"]
        return {name: answers[name]["status"] == "ok" for name in names}


def prove_kernels() -> dict[str, Any]:
    """Register, start, ask and remove each kernel; execute the notebook with one.

    Raises:
        AssertionError: a kernel lacks its own package or has another's, or no plot was drawn.
    """
    os.environ["JUPYTER_PATH"] = str(JUPYTER)
    registered = kernels.register()
    for project in kernels.here():
        own, foreign = kernels.PROJECTS[project]
        found = imports(kernels.name_of(project), own, foreign)
        if found != {own: True, foreign: False}:
            raise AssertionError(f"kernel {project}: {found}")
    with tempfile.TemporaryDirectory() as folder:
        log = traffic.access_log(Path(folder), requests=400)
        page = report.execute(log, report.OUT, kernel=kernels.name_of("slokit"))
    removed = kernels.remove()
    if page["plots"] < 1 or len(removed) != len(registered):
        raise AssertionError(f"{page}, {len(removed)} of {len(registered)} kernels removed")
    names = ", ".join(kernels.here())
    return {"kernels": names, "removed": len(removed), "cells": page["cells"]} | {
        "plots": page["plots"],
        "page": ".run/report/access-log.html",
    }


def prove_tools(names: tuple[str, ...] = ("pytest", "ruff")) -> dict[str, Any]:
    """Install some of the pinned tools with pipx in a home that is thrown away.

    Raises:
        AssertionError: pipx lists another version than the pin.
    """
    pins = dict(row.split("==") for row in tools.wanted([]))
    with tempfile.TemporaryDirectory() as folder:
        places = {"PIPX_HOME": "pipx", "PIPX_BIN_DIR": "bin", "PIPX_MAN_DIR": "man"}
        os.environ |= {name: f"{folder}/{place}" for name, place in places.items()}
        if tools.install(tools.wanted(names)):
            raise AssertionError("pipx failed; what it said stands above")
        pipx = Path(sys.executable).with_name("pipx")
        said = subprocess.run([pipx, "list", "--json"], stdout=subprocess.PIPE, check=True).stdout
        venvs = json.loads(said)["venvs"]
        found = {k: v["metadata"]["main_package"]["package_version"] for k, v in venvs.items()}
        if found != {name: pins[name] for name in names}:
            raise AssertionError(f"pipx lists {found}")
    installed = ", ".join(f"{name} {version}" for name, version in found.items())
    return {"tools_pinned": len(pins), "installed": installed, "home": "thrown away"}


def main() -> int:
    """Prove one. Exit codes: 0 it holds, 1 it does not, 2 usage."""
    proofs = {"kernels": prove_kernels, "tools": prove_tools}
    if len(sys.argv) != 2 or sys.argv[1] not in proofs:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(json.dumps(proofs[sys.argv[1]]()))
    except (AssertionError, traffic.TrafficError) as error:
        print(f"prove: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
