"""Fill and free the small disks, from a container that outlives those who need them."""

from __future__ import annotations

from layerctl.errors import LayerctlError
from stack.compose import Stack

FILL = """
import contextlib, sys
with contextlib.suppress(OSError), open(sys.argv[1], "wb", buffering=0) as file:
    while file.write(bytes(65536)):
        pass
"""
FREE = "import os, sys; os.unlink(sys.argv[1])"
WRITE = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"


def python(stack: Stack, code: str, path: str, given: str | None = None) -> None:
    """Run Python beside the disks.

    Raises:
        LayerctlError: it failed.
    """
    done = stack.call("exec", "-T", "disks", "/app/bin/python", "-c", code, path, given=given)
    if done.returncode:
        raise LayerctlError(f"{path}: {done.stderr.strip()}")


def fill(stack: Stack, disk: str) -> None:
    """Leave no page free on ``/database`` or ``/logs``."""
    python(stack, FILL, f"{disk}/ballast")


def free(stack: Stack, disk: str) -> None:
    """Take the ballast away."""
    python(stack, FREE, f"{disk}/ballast")


def write(stack: Stack, path: str, text: str) -> None:
    """Write a file."""
    python(stack, WRITE, path, text)
