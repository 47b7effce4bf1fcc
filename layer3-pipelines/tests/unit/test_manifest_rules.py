"""kube-linter's rules on the rendered manifests; each is seen to be broken by a copy."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from test_manifests import OVERLAYS, render

Object = dict[str, Any]
# For pods that come and go with a proof: on_kind/inside.py makes them.
AD_HOC = {"NetworkPolicy hop-clients"}
SERVES = {"Deployment", "StatefulSet"}


def made(objects: list[Object]) -> Iterator[tuple[Object, Object]]:
    """What makes pods, and the template of these."""
    for each in objects:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield each, template


def of_pod(each: Object, pod: Object, known: set[tuple[str, str]]) -> dict[str, bool]:
    """Rules on a pod, and whether it keeps them."""
    context, volumes = pod.get("securityContext", {}), pod.get("volumes", [])
    account = pod.get("serviceAccountName")
    return {
        "run as non-root": context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0,
        "seccomp": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "host": not any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC"))
        and not any("hostPath" in volume for volume in volumes),
        "account exists": account is None or ("ServiceAccount", account) in known,
        "settings exist": all(
            ("ConfigMap", name) in known for name in settings(pod["containers"], volumes)
        ),
        "selector": each["kind"] not in SERVES
        or each["spec"]["selector"]["matchLabels"].items()
        <= each["spec"]["template"]["metadata"]["labels"].items(),
    }


def settings(containers: list[Object], volumes: list[Object]) -> Iterator[str]:
    """ConfigMaps that a pod names."""
    for source in (s for container in containers for s in container.get("envFrom", [])):
        if "configMapRef" in source:
            yield source["configMapRef"]["name"]
    yield from (v["configMap"]["name"] for v in volumes if "configMap" in v)


def of_container(each: Object, container: Object) -> dict[str, bool]:
    """Rules on a container."""
    context, resources = container["securityContext"], container["resources"]
    probes = ["livenessProbe", "readinessProbe"] if each["kind"] in SERVES else []
    probes += ["startupProbe"] if probes and each["metadata"].get("namespace") == "hop" else []
    found = [container[name] for name in probes if name in container]
    asked = [(p.get("httpGet") or p.get("tcpSocket") or {}).get("port") for p in found]
    return {
        "escalation": context["allowPrivilegeEscalation"] is False,
        "capabilities": context["capabilities"] == {"drop": ["ALL"]},
        "read-only root": context["readOnlyRootFilesystem"] is True,
        "requests": {"cpu", "memory"} <= set(resources["requests"]),
        "memory limit": "memory" in resources.get("limits", {}),
        "probes": len(found) == len(probes),
        "probe port": {port for port in asked if port} <= ports(container),
    }


def ports(container: Object) -> set[str]:
    return {port["name"] for port in container.get("ports", [])}


def of_reference(each: Object, objects: list[Object], known: set[tuple[str, str]]) -> bool:
    """Whether there is what an object is about."""
    spec, templates = each.get("spec", {}), [template for _, template in made(objects)]

    def picked(selector: Object) -> list[Object]:
        return [t for t in templates if selector.items() <= t["metadata"]["labels"].items()]

    if each["kind"] == "Service":
        pods = picked(spec["selector"])
        there = {name for t in pods for c in t["spec"]["containers"] for name in ports(c)}
        return bool(pods) and {port["targetPort"] for port in spec["ports"]} <= there
    if each["kind"] in ("PodDisruptionBudget", "NetworkPolicy"):
        selector = spec.get("selector") or spec["podSelector"]
        return bool(picked(selector.get("matchLabels", {})))
    if each["kind"] == "HorizontalPodAutoscaler":
        return (spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]) in known
    if each["kind"] == "HTTPRoute":
        wanted = [ref["name"] for rule in spec["rules"] for ref in rule["backendRefs"]]
        return all(("Service", name) in known for name in wanted)
    return True


def problems(objects: list[Object]) -> set[str]:
    """What breaks a rule, as ``Kind name: rule``."""
    known = {(each["kind"], each["metadata"]["name"]) for each in objects}
    broken = {
        f"{title(each)}: about nothing"
        for each in objects
        if not of_reference(each, objects, known)
    }
    for each, template in made(objects):
        pod = template["spec"]
        rules = of_pod(each, pod, known).items()
        broken |= {f"{title(each)}: {rule}" for rule, kept in rules if not kept}
        for container in pod["containers"]:
            rules = of_container(each, container).items()
            broken |= {f"{title(each)}: {rule}" for rule, kept in rules if not kept}
    return broken - {f"{name}: about nothing" for name in AD_HOC}


def title(each: Object) -> str:
    return f"{each['kind']} {each['metadata']['name']}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_rule_is_kept(overlay: str) -> None:
    assert problems(render(overlay)) == set()


HOP, SPEC = "Deployment hop", "spec.template.spec"
BOX = f"{SPEC}.containers.0"


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        (HOP, f"{SPEC}.securityContext.runAsUser", 0, "run as non-root"),
        (HOP, f"{SPEC}.securityContext.seccompProfile", {"type": "Unconfined"}, "seccomp"),
        (HOP, f"{SPEC}.hostNetwork", True, "host"),
        (HOP, f"{SPEC}.volumes", [{"name": "all", "hostPath": {"path": "/"}}], "host"),
        (HOP, f"{SPEC}.serviceAccountName", "nobody", "account exists"),
        (HOP, f"{BOX}.envFrom", [{"configMapRef": {"name": "none"}}], "settings exist"),
        (HOP, "spec.selector.matchLabels", {"app.kubernetes.io/name": "hob"}, "selector"),
        (HOP, f"{BOX}.securityContext.allowPrivilegeEscalation", True, "escalation"),
        (HOP, f"{BOX}.securityContext.capabilities.add", ["NET_ADMIN"], "capabilities"),
        (HOP, f"{BOX}.securityContext.readOnlyRootFilesystem", False, "read-only root"),
        (HOP, f"{BOX}.resources.requests", {"cpu": "1"}, "requests"),
        (HOP, f"{BOX}.resources.limits", {}, "memory limit"),
        (HOP, f"{BOX}.startupProbe", None, "probes"),
        ("StatefulSet postgres", f"{BOX}.livenessProbe", None, "probes"),
        (HOP, f"{BOX}.readinessProbe.httpGet.port", "web", "probe port"),
        ("Service hop", "spec.selector", {"app": "hop"}, "about nothing"),
        ("Service postgres", "spec.ports.0.targetPort", "http", "about nothing"),
        ("PodDisruptionBudget hop", "spec.selector.matchLabels", {"app": "x"}, "about nothing"),
        ("NetworkPolicy postgres", "spec.podSelector.matchLabels", {"a": "x"}, "about nothing"),
        ("HorizontalPodAutoscaler hop", "spec.scaleTargetRef.name", "hob", "about nothing"),
        ("HTTPRoute hop", "spec.rules.0.backendRefs.0.name", "hob", "about nothing"),
    ],
)
def test_a_broken_rule_is_named(name: str, path: str, value: Any, said: str) -> None:
    objects = copy.deepcopy(render("kind"))
    place: Any = next(each for each in objects if title(each) == name)
    *folders, last = path.split(".")
    for folder in folders:
        place = place[int(folder) if folder.isdigit() else folder]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert problems(objects) == {f"{name}: {said}"}
