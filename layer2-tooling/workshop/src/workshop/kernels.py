"""Register one Jupyter kernel for each project, list them, remove them."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_data_dir

from workshop.paths import JUPYTER, SITE, VENV, checkout_id

LAUNCH = Path(__file__).with_name("launch.py")
# What each project may import, and what it may not although a neighbour has it.
PROJECTS = {
    "slokit": ("slokit", "hop"),
    "api": ("hop", "hop_etl"),
    "etl": ("hop_etl", "hop"),
    "layerctl": ("layerctl", "hop"),
    "tools": ("publish", "hop"),
    "workshop": ("workshop", "hop"),
}


def name_of(project: str) -> str:
    """The kernel's name: another checkout's differs."""
    return f"six-layers-{project}-{checkout_id()[:6]}"


def spec(project: str) -> dict[str, Any]:
    """What Jupyter reads to start the kernel."""
    python = VENV / project / "bin/python"
    return {
        "argv": [str(python), str(LAUNCH), str(SITE), "-f", "{connection_file}"],
        "display_name": f"{project} (six layers)",
        "language": "python",
        "metadata": {"six-layers": checkout_id()},
    }


def folder(*, user: bool) -> Path:
    """Where kernels are registered: below .run/, or where the user's JupyterLab looks."""
    return (Path(jupyter_data_dir()) if user else JUPYTER) / "kernels"


def here() -> list[str]:
    """Projects that have an environment."""
    return [name for name in PROJECTS if (VENV / name / "bin/python").exists()]


def register(*, user: bool = False) -> list[Path]:
    """Write a kernel's description for each project that has an environment."""
    written = []
    for project in here():
        place = folder(user=user) / name_of(project) / "kernel.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(spec(project), indent=1) + "\n", "utf-8")
        written.append(place)
    return written


def registered(*, user: bool = False) -> list[Path]:
    """Folders of the kernels of this checkout; those of others are left out."""
    found = []
    for place in sorted(folder(user=user).glob("*/kernel.json")):
        try:
            metadata = json.loads(place.read_text("utf-8")).get("metadata", {})
        except ValueError:
            continue
        if metadata.get("six-layers") == checkout_id():
            found.append(place.parent)
    return found


def remove(*, user: bool = False) -> list[Path]:
    """Remove the kernels of this checkout."""
    found = registered(user=user)
    for place in found:
        shutil.rmtree(place)
    return found


@contextlib.contextmanager
def running(name: str) -> Iterator[Any]:
    """A client of a started kernel, which ends with the block.

    Over a socket file: anybody on this machine could listen to a TCP connection on loopback.
    """
    manager = KernelManager(kernel_name=name, transport="ipc")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=90)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main(argv: Sequence[str] | None = None) -> int:
    """The command ``kernels``. Exit codes: 0 done, 69 no project has an environment."""
    parser = argparse.ArgumentParser(prog="kernels", description=__doc__)
    parser.add_argument("action", choices=["register", "list", "remove"])
    parser.add_argument(
        "--user", action="store_true", help="where your JupyterLab looks; default: .run/jupyter"
    )
    args = parser.parse_args(argv)
    if args.action == "register" and not here():
        print("kernels: no project is set up. Next: make setup", file=sys.stderr)
        return 69
    does = {"register": register, "list": registered, "remove": remove}[args.action]
    for path in does(user=args.user):
        print(path)
    if args.action == "register" and not args.user:
        print(f"See them: JUPYTER_PATH={JUPYTER} jupyter kernelspec list", file=sys.stderr)
    return 0
