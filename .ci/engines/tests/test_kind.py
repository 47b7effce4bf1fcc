"""Pods run and reach each other on the kind cluster; a pod whose probe fails turns the check red."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl.engines import environment
from layerctl.paths import checkout_id

pytestmark = pytest.mark.kind
CLUSTER = f"six-layers-{checkout_id()}"
NODE = f"{CLUSTER}-control-plane"
POD = Path(__file__).parent / "fixtures/probe.yaml"


def kubectl(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """kubectl on the node itself, so that the host needs none."""
    command = [
        "docker",
        "exec",
        "-i",
        NODE,
        "kubectl",
        "--kubeconfig",
        "/etc/kubernetes/admin.conf",
    ]
    return subprocess.run(
        [*command, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    load = ["kind", "load", "docker-image", "--name", CLUSTER, "debian:bookworm-slim"]
    done = subprocess.run(load, env=os.environ | environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"planted-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize(("probe", "ready"), [("true", True), ("false", False)])
def test_a_pod_whose_probe_fails_is_red(namespace: str, probe: str, ready: bool) -> None:
    made = kubectl(
        "-n", namespace, "apply", "-f", "-", given=POD.read_text().replace("@PROBE@", probe)
    )
    assert made.returncode == 0, made.stderr
    # The probe is what differs, so wait for the container first.
    started = kubectl(
        "-n",
        namespace,
        "wait",
        "pod/planted",
        "--timeout=90s",
        "--for=jsonpath={.status.phase}=Running",
    )
    assert started.returncode == 0, started.stderr
    limit = "60s" if ready else "6s"
    done = kubectl(
        "-n", namespace, "wait", "pod/planted", f"--timeout={limit}", "--for=condition=Ready"
    )
    assert (done.returncode == 0) == ready, done.stderr
    assert ("timed out" in done.stderr) == (not ready)


def test_an_unsafe_pod_is_refused(namespace: str) -> None:
    text = (
        POD.read_text().replace("@PROBE@", "true").replace("runAsNonRoot: true", "privileged: true")
    )
    made = kubectl("-n", namespace, "apply", "-f", "-", given=text)
    assert made.returncode != 0
    assert "violates PodSecurity" in made.stderr


def test_names_of_services_resolve_in_a_pod(namespace: str) -> None:
    made = kubectl(
        "-n", namespace, "apply", "-f", "-", given=POD.read_text().replace("@PROBE@", "true")
    )
    assert made.returncode == 0, made.stderr
    ready = kubectl(
        "-n", namespace, "wait", "pod/planted", "--timeout=90s", "--for=condition=Ready"
    )
    assert ready.returncode == 0, ready.stderr
    for name, found in (("kubernetes.default.svc.cluster.local", True), ("nobody.invalid", False)):
        done = kubectl("-n", namespace, "exec", "planted", "--", "getent", "hosts", name)
        assert (done.returncode == 0) == found, name
