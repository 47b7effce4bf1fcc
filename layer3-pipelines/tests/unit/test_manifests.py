"""The manifests, rendered: they fit Kubernetes' schemas and keep the house's rules."""

from __future__ import annotations

import copy
import functools
import importlib.resources
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate as schemas
import pytest
import yaml

from layerctl.paths import ROOT, toolchain

K8S = ROOT / "layer3-pipelines/k8s"
GATEWAY = "gateway.networking.k8s.io"
OVERLAYS = ["kind", "aks", "../metrics-server", "../traefik"]
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


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_fits_its_schema(overlay: str) -> None:
    for each in render(overlay):
        if GATEWAY not in each["apiVersion"]:
            schemas.validate(each, MINOR, strict=True)


def closed(schema: Any) -> Any:
    """A schema that takes no field it does not name, as the API server with strict validation."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    open_ended = {"additionalProperties", "x-kubernetes-preserve-unknown-fields"} & set(schema)
    shut = {"additionalProperties": False} if "properties" in schema and not open_ended else {}
    return {key: closed(value) for key, value in schema.items()} | shut


@pytest.fixture(scope="module")
def kubeconform(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """kubeconform on Kubernetes' own types, and the Gateway API's as its CRDs have them."""
    if shutil.which("kubeconform") is None:
        pytest.skip("no kubeconform on PATH. Enable: make engines ENGINE=kubeconform")
    release = toolchain()["GATEWAY_API_VERSION"]
    types = Path(os.environ["SIX_LAYERS_CACHE"]) / f"gateway-api-{release}"
    if not types.is_dir():
        pytest.skip(f"no types of the Gateway API {release}. Enable: make engines ENGINE=kind")
    place = tmp_path_factory.mktemp("schemas")
    known = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema"
    for file in (known / f"v{MINOR}.0-local-strict").iterdir():
        # References to files beside it, not to the addresses that their ids name.
        text = file.read_text("utf-8").replace("/api/_definitions.json", "_definitions.json")
        text = re.sub(r',\s*"\$id": "[^"]*"', "", text)
        (place / file.name).write_text(text, "utf-8")
    objects = [
        each for path in types.iterdir() for each in yaml.safe_load_all(path.read_text("utf-8"))
    ]
    for crd in (each for each in objects if each["kind"] == "CustomResourceDefinition"):
        for version in crd["spec"]["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            # Of Kubernetes' own, which a CRD does not spell out.
            schema["properties"]["metadata"] = {"type": "object"}
            name = f"{crd['spec']['names']['kind'].lower()}-gateway-{version['name']}.json"
            (place / name).write_text(json.dumps(schema), "utf-8")
    where = f"{place}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    return ["kubeconform", "-strict", "-summary", "-schema-location", where, "-"]


def test_kubeconform_finds_nothing(kubeconform: list[str]) -> None:
    objects = [each for overlay in OVERLAYS for each in render(overlay)]
    text = yaml.safe_dump_all(objects)
    done = subprocess.run(kubeconform, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"Valid: {len(objects)}, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout


def test_kubeconform_finds_each_wrong_field(kubeconform: list[str]) -> None:
    wrong = {"Gateway": ("listenerz", []), "HTTPRoute": ("parentRefs", "hop"), "Job": ("retry", 1)}
    bad = copy.deepcopy([each for each in render("kind") if each["kind"] in wrong])
    for each in bad:
        field, value = wrong[each["kind"]]
        each["spec"][field] = value
    text = yaml.safe_dump_all(bad)
    done = subprocess.run(kubeconform, input=text, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"Valid: 0, Invalid: {len(bad)}, Errors: 0" in done.stdout
    assert all(field in done.stdout for field, _ in wrong.values())


def test_a_misspelt_field_does_not_fit() -> None:
    deployment = next(o for o in render("aks") if o["kind"] == "Deployment")
    bad = copy.deepcopy(deployment)
    bad["spec"]["template"]["spec"]["tolerationz"] = []
    schemas.validate(deployment, MINOR, strict=True)
    with pytest.raises(schemas.ValidationError, match="tolerationz"):
        schemas.validate(bad, MINOR, strict=True)


@pytest.mark.parametrize("overlay", ["kind", "aks"])
def test_every_container_says_what_it_needs_and_writes_nowhere_else(overlay: str) -> None:
    objects = render(overlay)
    found = pods(objects)
    assert set(found) == {"hop", "hop-migrate", "postgres", "etl"}
    # Spark's driver is the one that asks the API server.
    tokens = {name for name, pod in found.items() if pod["automountServiceAccountToken"]}
    assert tokens == ({"etl"} if overlay == "aks" else set())
    for pod in found.values():
        # A Service named hop would otherwise set HOP_PORT to an address.
        assert pod["enableServiceLinks"] is False
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_executors_are_as_restricted_as_the_driver_and_see_its_volumes() -> None:
    executor = yaml.safe_load((K8S / "components/spark/executor.yaml").read_text("utf-8"))["spec"]
    driver = pods(render("aks"))["etl"]
    assert executor["automountServiceAccountToken"] is False
    assert executor["securityContext"] == driver["securityContext"]
    mine, its = executor["containers"][0], driver["containers"][0]
    assert mine["securityContext"] == its["securityContext"]
    shared = [each for each in its["volumeMounts"] if each["name"] not in ("executor", "secrets")]
    assert mine["volumeMounts"] == shared
    names = {each["name"] for each in shared}
    assert executor["volumes"] == [v for v in driver["volumes"] if v["name"] in names]


def test_nobody_may_more_than_it_must() -> None:
    """Every rule names what it is for; only Spark's driver changes more than a status."""
    changing = set()
    for each in render("aks") + render("../traefik"):
        for rule in each.get("rules", []) if each["kind"] in ("Role", "ClusterRole") else []:
            assert "*" not in rule["verbs"] + rule["resources"] + rule["apiGroups"]
            kept = {"get", "list", "watch"}
            if set(rule["verbs"]) - kept and not all("/status" in r for r in rule["resources"]):
                changing.add((each["metadata"]["name"], *rule["resources"]))
    assert changing == {("etl-driver", "pods")}


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
