"""Write the image's bill of materials (CycloneDX JSON): packages, Python, libraries.

Usage: python sbom.py packages ROOT OUT     (ROOT holds the layer `python`; runs in the build)
       python sbom.py ours DOCUMENT WHEELS OUT

cyclonedx-py lists what is installed in the environment. What it cannot see are the files that
were copied from Debian packages and from the base: `packages` adds them. That takes 5 s, so it is
a step of its own that a change of our code does not repeat; `ours` adds the wheels built since.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from importlib.metadata import distribution
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


def packaged(root: Path) -> dict[str, Any]:
    """The document without our own packages."""
    command: list[str | Path] = [
        Path(sys.executable).with_name("cyclonedx-py"),
        "environment",
        "--output-reproducible",
        "--of",
        "JSON",
        VENV,
    ]
    document: dict[str, Any] = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    )
    document["components"] += copied(root)
    return document


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def with_wheels(document: dict[str, Any], wheels: Path) -> dict[str, Any]:
    """The document with the packages that were installed from a folder of wheels."""
    known = {normal(c["name"]): c["bom-ref"] for c in document["components"]}
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        ref, metadata = f"{name}=={version}", distribution(name)
        needs = {
            known.get(normal(re.split(r"[^A-Za-z0-9._-]", need)[0]), "")
            for need in metadata.requires or []
        }
        licence = {"acknowledgement": "declared", "id": metadata.metadata["License-Expression"]}
        document["components"].append(
            {
                "type": "library",
                "bom-ref": ref,
                "name": name,
                "version": version,
                "hashes": [
                    {"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}
                ],
                "licenses": [{"license": licence}],
            }
        )
        document["dependencies"].append({"ref": ref, "dependsOn": sorted(needs - {""})})
    return document


def main() -> int:
    """Write the document."""
    match sys.argv[1:]:
        case ["packages", root, out]:
            document = packaged(Path(root))
        case ["ours", given, wheels, out]:
            document = with_wheels(json.loads(Path(given).read_text("utf-8")), Path(wheels))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    Path(out).mkdir(parents=True, exist_ok=True)
    (Path(out) / "sbom.cdx.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
