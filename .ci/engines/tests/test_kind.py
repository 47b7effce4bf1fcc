"""Pods run on the kind cluster; one whose probe fails, or that asks for too much, is red."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl import cluster
from layerctl.engines import environment
from layerctl.paths import ROOT, toolchain

pytestmark = pytest.mark.kind
NODE = f"{cluster.NAME}-control-plane"
IMAGE = toolchain()["SYSTEMD_IMAGE"]
POD = Path(__file__).parent / "fixtures/probe.yaml"


def kubectl(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """kubectl on the node itself, so that the host needs none."""
    there = ("docker", "exec", "-i", NODE, "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf")
    return subprocess.run(
        [*there, *arguments], input=given, capture_output=True, text=True, timeout=180, check=False
    )


def apply(namespace: str, probe: str = "true", *, safe: bool = True) -> str:
    """Ask for the pod; what the cluster has against it."""
    text = POD.read_text().replace("@PROBE@", probe).replace("@IMAGE@", IMAGE)
    if not safe:
        text = text.replace("runAsNonRoot: true", "runAsNonRoot: false")
    return kubectl("-n", namespace, "apply", "-f", "-", given=text).stderr


def wait(namespace: str, condition: str, limit_s: int) -> str:
    """Wait for the pod; why it did not come to that."""
    limit = (f"--timeout={limit_s}s", f"--for={condition}")
    return kubectl("-n", namespace, "wait", "pod/planted", *limit).stderr


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    load = ["kind", "load", "docker-image", "--name", cluster.NAME, IMAGE]
    done = subprocess.run(load, env=os.environ | environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"planted-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize(("probe", "ready", "limit_s"), [("true", True, 60), ("false", False, 6)])
def test_a_pod_whose_probe_fails_is_red(
    namespace: str, probe: str, ready: bool, limit_s: int
) -> None:
    assert apply(namespace, probe) == ""
    # The probe alone differs: the container runs in both.
    assert wait(namespace, "jsonpath={.status.phase}=Running", 90) == ""
    why = wait(namespace, "condition=Ready", limit_s)
    assert ("timed out" in why) == (not ready), why


def test_an_unsafe_pod_is_refused(namespace: str) -> None:
    why = apply(namespace, safe=False)
    assert "violates PodSecurity" in why


def test_names_of_services_resolve_in_a_pod(namespace: str) -> None:
    assert apply(namespace) == ""
    assert wait(namespace, "condition=Ready", 90) == ""
    for name, found in (("kubernetes.default.svc.cluster.local", True), ("nobody.invalid", False)):
        done = kubectl("-n", namespace, "exec", "planted", "--", "getent", "hosts", name)
        assert (done.returncode == 0) == found, name


def test_a_cluster_that_a_killed_run_left_resting_is_woken() -> None:
    cluster.pause()
    try:
        assert (len(cluster.nodes("paused")), cluster.nodes("running")) == (3, [])
        assert kubectl("get", "nodes").returncode != 0
        script = [ROOT / ".ci/engines/kind-up"]
        done = subprocess.run(script, env=os.environ | environment(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
    finally:
        left = cluster.nodes("paused")
        cluster.resume()
    assert left == []
    assert kubectl("get", "nodes").returncode == 0
