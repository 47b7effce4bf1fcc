"""Compile a pattern so that every supported Python reads it alike."""

from __future__ import annotations

import re
import sys
from typing import Final

# gh-106052: a possessive group that fails half-way keeps what it had taken, so that `{"a":1,}` is
# an object. Debian 12 has Python 3.11.2.
SOUND: Final = sys.version_info >= (3, 11, 5)
_PIECE: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\)[*+?]\+|.", re.DOTALL)


def compiled(pattern: str, *, sound: bool = SOUND) -> re.Pattern[str]:
    """The pattern, compiled; where possessive groups are not ``sound``, without them."""
    return re.compile(pattern if sound else atomic(pattern))


def atomic(pattern: str) -> str:
    """The same pattern with ``(?>(...)*)`` for ``(...)*+``; ``++`` and ``?+`` alike.

    A possessive class (``[...]*+``) stays: it has nothing in it that could fail half-way.
    """
    parts: list[str] = []
    begins: list[int] = []
    for piece in _PIECE.findall(pattern):
        if piece == "(":
            begins.append(len(parts))
        parts.append(piece)
        if piece.startswith(")"):
            begin = begins.pop()
            if piece != ")":
                parts[begin] = "(?>("
                parts[-1] = f"{piece[:2]})"
    return "".join(parts)
