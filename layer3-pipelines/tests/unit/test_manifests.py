"""The manifests, rendered: they fit Kubernetes' schemas and keep the house's rules."""

from __future__ import annotations

import copy
import functools
import re
import shutil
import subprocess
from typing import Any

import kubernetes_validate as schemas
import pytest
import yaml

from layerctl.paths import ROOT, toolchain

K8S = ROOT / "layer3-pipelines/k8s"
MINOR = ".".join(toolchain()["KUBERNETES_VERSION"].split(".")[:2])


@functools.cache
def render(overlay: str) -> list[dict[str, Any]]:
    """What an overlay makes of the base; without kubectl the test is skipped."""
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on PATH. Enable: make engines ENGINE=kind")
    command = ["kubectl", "kustomize", str(K8S / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    objects = list(yaml.safe_load_all(done.stdout))
    assert objects, f"kustomize made nothing of {overlay}"
    return objects


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Pod specifications by the name of what makes them."""
    found = {}
    for each in objects:
        spec = each.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[each["metadata"]["name"]] = spec["template"]["spec"]
    return found


@pytest.mark.parametrize("overlay", ["kind", "aks", "../metrics-server"])
def test_every_object_fits_its_schema(overlay: str) -> None:
    for each in render(overlay):
        schemas.validate(each, MINOR, strict=True)


def test_a_misspelt_field_does_not_fit() -> None:
    deployment = next(o for o in render("aks") if o["kind"] == "Deployment")
    bad = copy.deepcopy(deployment)
    bad["spec"]["template"]["spec"]["tolerationz"] = []
    schemas.validate(deployment, MINOR, strict=True)
    with pytest.raises(schemas.ValidationError, match="tolerationz"):
        schemas.validate(bad, MINOR, strict=True)


@pytest.mark.parametrize("overlay", ["kind", "aks"])
def test_every_container_says_what_it_needs_and_writes_nowhere_else(overlay: str) -> None:
    found = pods(render(overlay))
    assert set(found) == {"hop", "hop-migrate", "postgres", "etl"}
    for pod in found.values():
        assert pod["automountServiceAccountToken"] is False
        # A Service named hop would otherwise set HOP_PORT to an address.
        assert pod["enableServiceLinks"] is False
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_hop_stops_only_after_pause_drain_and_grace() -> None:
    pod = pods(render("kind"))["hop"]
    settings = dict(
        line.split("=", 1) for line in (K8S / "base/hop.env").read_text("utf-8").splitlines()
    )
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed = pause + int(settings["HOP_DRAIN_S"]) + int(settings["HOP_GRACE_S"])
    assert pod["terminationGracePeriodSeconds"] > needed


def test_one_object_a_file_named_after_it() -> None:
    for path in K8S.rglob("*.yaml"):
        text = path.read_text("utf-8")
        assert len(list(yaml.safe_load_all(text))) == 1, path
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem), path


def test_no_secret_and_no_moving_tag_is_committed() -> None:
    files = [p for p in K8S.rglob("*") if p.is_file()]
    assert files
    for path in files:
        text = path.read_text("utf-8")
        assert "kind: Secret" not in text, path
        assert ":latest" not in text or path.name == "admission-policy.yaml", path
