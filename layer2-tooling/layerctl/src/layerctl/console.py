"""Talk to a person: on stderr, in colour and with progress only where that makes sense."""

from __future__ import annotations

import os
import sys
from typing import TextIO

GREEN, RED, YELLOW, BOLD = "32", "31", "33", "1"


def styled(text: str, code: str, stream: TextIO = sys.stdout) -> str:
    """``text`` in an ANSI style where ``stream`` is a terminal and ``NO_COLOR`` is unset."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def say(text: str) -> None:
    """One line of talk; data goes to stdout instead."""
    print(text, file=sys.stderr, flush=True)


def verbose() -> bool:
    """Whether ``V=1`` asks for everything that is said."""
    return os.environ.get("V") == "1"


def size(count: float) -> str:
    """``count`` bytes for people, in decimal units as disks are sold."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
