"""Pods that the API server must refuse: one change each to a pod that it takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until
from on_kind.cluster import NAMESPACE, ask, kubectl

POD = ROOT / "layer3-pipelines/k8s/refused/pod.yaml"
CONTAINER = "/spec/containers/0"
CONTEXT = f"{CONTAINER}/securityContext"
NEW_POLICY_S = 30


@dataclass(frozen=True, slots=True)
class Case:
    """A JSON patch on the pod, and words that the refusal must have."""

    operation: str
    path: str
    words: str
    value: Any = None

    @property
    def patch(self) -> str:
        """As RFC 6902 wants it."""
        change = {"op": self.operation, "path": self.path}
        return json.dumps(
            [change if self.operation == "remove" else change | {"value": self.value}]
        )


PRIVILEGED = {"privileged": True, "readOnlyRootFilesystem": True}
HOST_PATH = [{"name": "host", "hostPath": {"path": "/"}}]
# The first six by Pod Security, then the limit range, and our own two rules.
CASES = {
    "privileged": Case("replace", CONTEXT, "privileged (container", PRIVILEGED),
    "host path": Case("add", "/spec/volumes", "restricted volume types", HOST_PATH),
    "root": Case("replace", "/spec/securityContext/runAsUser", "runAsUser=0", 0),
    "host network": Case("add", "/spec/hostNetwork", "host namespaces", True),
    "capability": Case("add", f"{CONTEXT}/capabilities/add", "capabilities", ["NET_ADMIN"]),
    "no seccomp": Case("remove", "/spec/securityContext/seccompProfile", "seccompProfile"),
    "no limit": Case("remove", f"{CONTAINER}/resources/limits", "No limit is specified"),
    "too large": Case("replace", f"{CONTAINER}/resources/limits/memory", "maximum memory", "2Gi"),
    "writable": Case("remove", f"{CONTEXT}/readOnlyRootFilesystem", "readOnlyRootFilesystem: true"),
    "latest": Case("replace", f"{CONTAINER}/image", "other than latest", "example.invalid/a"),
}


def verdict(patch: str = "[]") -> str:
    """What the server has against the pod with a patch; empty when it takes it.

    A dry run goes through all of admission and stores nothing.
    """
    changed = ("patch", "--local", "-f", str(POD), "--type=json", "-p", patch, "-o", "json")
    pod = kubectl(*changed) if patch != "[]" else POD.read_text("utf-8")
    done = ask("-n", NAMESPACE, "create", "--dry-run=server", "-f", "-", given=pod)
    return done.stderr.strip() if done.returncode else ""


def check() -> dict[str, str]:
    """Try all; what the server said to each.

    Raises:
        LayerctlError: one was taken or refused for another reason, or the good pod was refused.
    """
    if objection := verdict():
        raise LayerctlError(f"the pod that must be taken was refused: {objection}")
    # The server takes some seconds to act on a new policy.
    last = list(CASES.values())[-1]
    until("the admission policy", lambda: last.words in verdict(last.patch), NEW_POLICY_S)
    said = {name: verdict(case.patch) for name, case in CASES.items()}
    for name, case in CASES.items():
        if case.words not in said[name]:
            raise LayerctlError(f"{name}: want a refusal with '{case.words}', got: {said[name]}")
    return said
