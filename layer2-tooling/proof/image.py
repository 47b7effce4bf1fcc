"""2.1: what hop's image is, and what a container of it may do."""

from __future__ import annotations

import gzip
import json
import subprocess
from typing import Any

from proof.docker import PYTHON, confined, docker, once, serving

USER = 65532
MEMORY_MB = 128
MAX_MB = {"image_mb": 100, "compressed_mb": 35}
OURS = {"hop", "hop-traffic", "slokit"}
# Every file that can be started, wherever it lies: a shell need not be on the PATH.
PROGRAMS = """
import os, stat
for folder, _, names in os.walk("/"):
    for name in names if folder.split("/")[1] not in ("proc", "sys", "dev") else ():
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        # A module or a library may be executable too, and starts nothing by itself.
        if stat.S_ISREG(mode) and mode & 0o111 and ".so" not in name and not name.endswith(".py"):
            with open(path, "rb") as file:
                if file.read(2) in (b"#!", b"\\x7fE"):
                    print(name)
"""
# Capabilities and the bar on new ones, from the kernel; a write where nobody may write.
INSIDE = """
import json, os
lines = (line.split(":", 1) for line in open("/proc/1/status"))
status = {name: value.strip() for name, value in lines}
def writable(folder):
    try:
        os.close(os.open(f"{folder}/probe", os.O_CREAT | os.O_WRONLY)); return True
    except OSError:
        return False
print(json.dumps({"uid": os.getuid(), "capabilities": int(status["CapEff"], 16),
    "bounding": int(status["CapBnd"], 16), "no_new_privs": status["NoNewPrivs"] == "1",
    "root_writable": any(map(writable, ("/", "/app", "/usr", "/etc"))),
    "data_writable": writable("/data")}))
"""


def inside(name: str) -> dict[str, Any]:
    """What a running container may do, as the kernel says."""
    found: dict[str, Any] = json.loads(docker("exec", name, PYTHON, "-c", INSIDE))
    host = json.loads(docker("inspect", "-f", "{{json .HostConfig}}", name))
    return found | {"memory_mb": host["Memory"] // 2**20, "swap": host["MemorySwap"]}


def liberties(found: dict[str, Any]) -> list[str]:
    """What a confined container may do and should not; empty when it is confined."""
    wrong = {
        "runs as another user than 65532": found["uid"] != USER,
        "has capabilities": found["capabilities"] or found["bounding"],
        "may gain privileges": not found["no_new_privs"],
        "can write to its root": found["root_writable"],
        "cannot write to /data": not found["data_writable"],
        "has more than 128 MiB": found["memory_mb"] != MEMORY_MB,
    }
    return [what for what, is_so in wrong.items() if is_so]


def strangers(image: str) -> set[str]:
    """Programs in an image beside Python and our own: a shell, a package manager, a compiler."""
    found = once(image, "-c", PROGRAMS, options=("--entrypoint", "python3", "--user", "0"))
    return {name for name in found.split() if not name.startswith("python3")} - OURS


def installed(image: str) -> set[tuple[str, str]]:
    """Names and versions of the Python distributions inside."""
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps([(d.name, d.version) for d in m.distributions()]))"
    )
    rows = json.loads(once(image, "-c", code, options=("--entrypoint", PYTHON)))
    return {(name, version) for name, version in rows}


def bill(image: str) -> dict[str, Any]:
    """The image's bill of materials."""
    code = "print(open('/app/share/sbom.cdx.json').read())"
    document: dict[str, Any] = json.loads(once(image, "-c", code, options=("--entrypoint", PYTHON)))
    return document


def listed(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Names and versions of the Python distributions that a bill lists."""
    copied = ("pkg:deb/", "pkg:generic/")
    parts = document["components"]
    # What was installed from a wheel of ours has no address in a package registry.
    return {(c["name"], c["version"]) for c in parts if not c.get("purl", "").startswith(copied)}


def sizes(image: str) -> dict[str, float]:
    """Megabytes: the whole, its share that is Python and libraries, ours, and all compressed."""
    form = "{{.Size}}\t{{.CreatedBy}}"
    history = docker("history", "--no-trunc", "--human=false", "--format", form, image)
    layer = {line.split("\t")[1]: int(line.split("\t")[0]) for line in history.splitlines()}
    base = sum(size for command, size in layer.items() if "/out/python/" in command)
    whole = sum(layer.values())
    saved = subprocess.run(["docker", "save", image], stdout=subprocess.PIPE, check=True)
    packed = len(gzip.compress(saved.stdout, 6))
    return {
        "image_mb": round(whole / 1e6, 1),
        "base_mb": round(base / 1e6, 1),
        "own_mb": round((whole - base) / 1e6, 1),
        "compressed_mb": round(packed / 1e6, 1),
    }


def too_large(sizes: dict[str, float]) -> list[str]:
    """Which limits these sizes exceed."""
    return [f"{name} {sizes[name]} > {most}" for name, most in MAX_MB.items() if sizes[name] > most]


def said(sizes: dict[str, float]) -> list[str]:
    """Each size with its limit, for people."""
    goals = {
        name: f" (goal {most}: {'reached' if sizes[name] <= most else 'missed'})"
        for name, most in MAX_MB.items()
    }
    return [f"{name}: {size}{goals.get(name, '')}" for name, size in sizes.items()]


def layers(image: str) -> list[str]:
    """Digests of the layers, the lowest first."""
    digests: list[str] = json.loads(docker("inspect", "-f", "{{json .RootFS.Layers}}", image))
    return digests


def prove(image: str) -> dict[str, Any]:
    """Figures of an image that is as it should be.

    Raises:
        AssertionError: it is not.
    """
    with serving(image, *confined()) as (name, _):
        found = inside(name)
        if wrong := liberties(found):
            raise AssertionError(f"the container {', '.join(wrong)}")
        docker("stop", "-t", "10", name)
        code = int(docker("inspect", "-f", "{{.State.ExitCode}}", name))
    if code != 0:
        raise AssertionError(f"SIGTERM ended hop with {code}")
    document, inventory = bill(image), installed(image)
    if listed(document) != inventory:
        raise AssertionError(f"the bill differs: {listed(document) ^ inventory}")
    if found_too := strangers(image):
        raise AssertionError(f"the image holds {', '.join(sorted(found_too))}")
    megabytes = sizes(image)
    if wrong := too_large(megabytes):
        raise AssertionError(f"the image is too large: {', '.join(wrong)}")
    return megabytes | {
        "uid": found["uid"],
        "capabilities": found["capabilities"],
        "memory_limit_mb": found["memory_mb"],
        "exit_code_on_sigterm": code,
        "distributions": len(inventory),
        "components_in_the_bill": len(document["components"]),
    }
