"""Write the image's bill of materials (CycloneDX JSON): packages, Python, libraries.

Usage: python sbom.py ROOT OUT    (ROOT holds the layer `python`; runs in the build)

cyclonedx-py lists what is installed in the environment. What it cannot see are the files that
were copied from Debian packages and from the base: they are added here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from platform import python_version
from typing import Any

VENV = "/app/bin/python"


def packages(paths: list[Path]) -> set[tuple[str, str, str]]:
    """Name, version and architecture of the Debian packages that these files came with."""
    # Debian's /lib is a link to /usr/lib, and a package may list either.
    names = [*map(str, paths), *(str(path).replace("/usr/lib", "/lib", 1) for path in paths)]
    found = subprocess.run(["dpkg", "-S", *names], capture_output=True, text=True, check=False)
    owners = {line.rpartition(": ")[0].split(",")[0] for line in found.stdout.splitlines()}
    if not owners:
        return set()
    form = "${Package}\t${Version}\t${Architecture}\n"
    command = ["dpkg-query", "-W", "-f", form, *sorted(owners)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = (line.split("\t") for line in shown.stdout.splitlines())
    return {(name, version, architecture) for name, version, architecture in rows}


def component(kind: str, name: str, version: str, architecture: str = "") -> dict[str, Any]:
    """One entry of the document."""
    place = f"deb/debian/{name}" if kind == "deb" else f"generic/{name}"
    purl = f"pkg:{place}@{version}" + (f"?arch={architecture}" if architecture else "")
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def copied(root: Path) -> list[dict[str, Any]]:
    """What the programs and libraries below ``root`` came from."""
    files = [p for p in root.rglob("*") if p.is_file() and not p.is_symlink()]
    programs = [Path("/") / p.relative_to(root) for p in files if os.access(p, os.X_OK)]
    found = {("deb", *package) for package in packages(programs)}
    return [component(*each) for each in sorted({*found, ("generic", "python", python_version())})]


def main() -> int:
    """Write the document."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    root, out = map(Path, sys.argv[1:])
    command: list[str | Path] = [
        Path(sys.executable).with_name("cyclonedx-py"),
        "environment",
        "--output-reproducible",
        "--of",
        "JSON",
        VENV,
    ]
    listed = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    listed["components"] += copied(root)
    out.mkdir(parents=True, exist_ok=True)
    (out / "sbom.cdx.json").write_text(json.dumps(listed, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
