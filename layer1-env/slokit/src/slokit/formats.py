"""The log formats as data: what ``data/formats.json`` says, compiled once.

The same file is read by the Spark job. Its patterns therefore keep to what Python's ``re`` and
Java's ``java.util.regex`` read alike; README.md has the rules, ``tests/unit/test_formats.py``
checks them.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any, Final

from .patterns import compiled

DATA: Final[dict[str, Any]] = json.loads(
    (files("slokit") / "data" / "formats.json").read_text(encoding="utf-8")
)

PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    name: compiled(text) for name, text in DATA["patterns"].items()
}
REASONS: Final[dict[str, str]] = {entry["name"]: entry["means"] for entry in DATA["reasons"]}
INTERNAL_ROUTES: Final[frozenset[str]] = frozenset(DATA["internal_routes"])
MAX_LINE_OCTETS: Final[int] = DATA["max_line_octets"]
SAMPLE_OCTETS: Final[int] = DATA["sample"]["octets"]
SAMPLE_CHARACTERS: Final[int] = DATA["sample"]["characters"]
STATUS: Final = {str(code): code for code in range(100, 600)}
