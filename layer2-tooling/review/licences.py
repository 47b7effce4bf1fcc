"""The licences of packages, from the metadata of their locked files."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable
from importlib.metadata import PackageMetadata
from pathlib import Path

from layerctl import environments
from layerctl.errors import LayerctlError

SHORT = 60  # longer is the licence's text, not its name


def licence(metadata: PackageMetadata) -> str:
    """What a package says of its licence: an SPDX expression, else classifiers, else a name.

    Source: the core metadata specification; License-Expression is PEP 639.
    """
    if expression := metadata["License-Expression"]:
        return str(expression)
    classifiers = [str(c) for c in metadata.get_all("Classifier") or []]
    names = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License :: ")]
    # "OSI Approved" alone says that somebody else knows.
    if chosen := [name for name in names if name != "OSI Approved"]:
        return " AND ".join(chosen)
    text = str(metadata["License"] or "").strip()
    return text if "\n" not in text and len(text) <= SHORT else ""


def permitted(expression: str, allowed: Iterable[str]) -> bool:
    """Whether the house takes a licence; of alternatives one is enough, else all are needed."""
    accepted = {name.lower() for name in allowed}
    if not expression or expression.lower() in accepted:
        return bool(expression)
    only_or = " AND " not in expression and " OR " in expression
    parts = [p.strip(" ()").lower() for p in re.split(r" (?:AND|OR) ", expression)]
    return (any if only_or else all)(part in accepted for part in parts)


def found(folder: Path) -> dict[str, str]:
    """Licence by package, of the distributions in a folder."""
    return {
        re.sub(r"[-_.]+", "-", d.name).lower(): licence(d.metadata)
        for d in importlib.metadata.distributions(path=[str(folder)])
    }


def unpack(lines: list[str], folder: Path) -> bool:
    """Unpack the locked files into ``folder``; whether every one could be had."""
    listed = folder / "requirements.txt"
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    options = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
    command = ("pip", "install", *options, "--target", folder / "packages", "-r", listed)
    try:
        environments.uv("review", "unpacking the packages", *command)
    except LayerctlError:
        return False
    return True


def fetch(requirements: str, folder: Path) -> dict[str, str]:
    """Licence by package, from the locked files themselves.

    A package that has no wheel for this machine, or that nobody can fetch, is not in the answer.
    """
    environments.ensure_uv()
    lines = requirements.splitlines()
    if not unpack(lines, folder):
        # One of them must not hide the licences of the others.
        for line in lines:
            unpack([line], folder)
    return found(folder / "packages")
