"""From the output of a failed installation to the cause that a person can act on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from layerctl.errors import LayerctlError

# First match wins: an index that answers with the wrong file also mentions the network.
CAUSES = (
    (
        r"hash mismatch|do not match the hashes|no hashes? (?:was|were)",
        "a package does not have the hash that is locked for it",
        "git status (was a requirements file edited?), then make setup",
    ),
    (r"no space left|disk quota", "the disk is full", "free space, then make setup"),
    (
        r"read-only file system|permission denied|not a directory",
        "a folder cannot be written",
        "SIX_LAYERS_CACHE=/a/folder/of/yours make setup",
    ),
    (
        r"proxyerror|tunnel error|tunnel connection failed|proxy authentication required",
        "the proxy refuses, or does not answer",
        "correct or unset HTTPS_PROXY, then make setup",
    ),
    (
        r"dns error|failed to (?:fetch|connect|download)|connection|name resolution"
        r"|certificate|timed out|no matching distribution",
        "the package index does not answer",
        "check the network, HTTPS_PROXY and UV_DEFAULT_INDEX or PIP_INDEX_URL, then make setup",
    ),
)
EVIDENCE_LINES = 8
FULL_BYTES = 1_000_000


def explain(what: str, log: Path) -> LayerctlError:
    """The error to raise for a step that failed and left ``log``."""
    text = log.read_text("utf-8", errors="replace")
    cause, step, shown = "see the log", "V=1 make setup", text.splitlines()[-EVIDENCE_LINES:]
    for pattern, known, remedy in CAUSES:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            # What follows the match names the package and both hashes, or the address.
            start = text.rfind("\n", 0, found.start()) + 1
            cause, step, shown = known, remedy, text[start:].splitlines()[:EVIDENCE_LINES]
            break
    else:
        # Where the disk is full the log has nothing.
        if shutil.disk_usage(log.parent).free < FULL_BYTES:
            _, cause, step = CAUSES[1]
    quoted = "\n".join(f"  | {line}" for line in shown)
    return LayerctlError(f"{what} failed: {cause}.\n{quoted}\n  Log: {log}", step)
