"""Stage ``scan``: the image's bill of materials against a committed policy and the commit's lock.

It finds what the policy names. It asks no database of vulnerabilities: those need a network and
change daily, so that a green scan of yesterday says nothing about today.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from layerctl.errors import LayerctlError
from pipeline import image
from pipeline.place import Place
from pipeline.state import State

POLICY = Path(__file__).with_name("policy.toml")
LOCK = "layer2-tooling/api/requirements.txt"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
WORD = re.compile(r"[A-Za-z0-9.+-]+")
OPERATORS = {"AND", "OR", "WITH"}


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def numbers(version: str) -> tuple[int, ...]:
    """A released version's numbers.

    Raises:
        LayerctlError: it has none to compare.
    """
    found = re.match(r"\d+(?:\.\d+)*", version)
    if not found:
        raise LayerctlError(f"policy: version '{version}' cannot be compared")
    return tuple(map(int, found.group().split(".")))


def licences(component: dict[str, Any]) -> set[str]:
    """The licences that a component names, each alone; trove classifiers left out."""
    words = set()
    for each in component.get("licenses", []):
        licence = each.get("license", {})
        text = licence.get("id") or each.get("expression") or licence.get("name") or ""
        if "::" not in text:
            words |= set(WORD.findall(text)) - OPERATORS
    return words


def problems(sbom: dict[str, Any], lock: str, policy: dict[str, Any]) -> list[str]:
    """What the policy does not allow, one sentence each."""
    pins = {normal(name): version for name, version in PIN.findall(lock)}
    ours, unnamed = set(policy["ours"]), policy["licence_not_named"]
    found = []
    for component in sbom["components"]:
        name, version = normal(component["name"]), component["version"]
        python = component.get("purl", "").startswith("pkg:pypi/") and name not in ours
        if python and pins.get(name) != version:
            found.append(f"{name} {version}: the lock says {pins.get(name, 'nothing of it')}")
        for rule in policy["deny"]:
            below = rule.get("below")
            if rule["name"] == name and (not below or numbers(version) < numbers(below)):
                found.append(f"{name} {version}: {rule['why']}")
        bad = licences(component) - set(policy["licences"])
        found += [f"{name} {version}: licence {each} is not on the list" for each in sorted(bad)]
        if python and not licences(component) and name not in unnamed:
            found.append(f"{name} {version}: names no licence")
    return found


def run(place: Place, state: State) -> str:
    """Take the bill of materials out of the image and hold it against the policy.

    Raises:
        LayerctlError: the policy does not allow it.
    """
    image.files(state.image_id, place.run, "/app/share/sbom.cdx.json")
    sbom = json.loads(place.sbom.read_text("utf-8"))
    lock = (place.source / LOCK).read_text("utf-8")
    policy = tomllib.loads(POLICY.read_text("utf-8"))
    found = problems(sbom, lock, policy)
    if found:
        raise LayerctlError("the policy does not allow:\n" + "\n".join(f"  | {f}" for f in found))
    rules = len(policy["deny"])
    return f"{len(sbom['components'])} components, each as locked, none of {rules} denied"
