"""metrics-server gives the autoscaler its figures; under load a third replica follows from them."""

from __future__ import annotations

from typing import Any

from layerctl.paths import ROOT, toolchain
from layerctl.waits import until
from on_kind import deploy
from on_kind.cluster import NAMESPACE, get, kubectl
from on_kind.deploy import LIMIT_S, REPLICAS, pods, wanted
from on_kind.traffic import Tally, during

MANIFESTS = ROOT / "layer3-pipelines/k8s/metrics-server"
# The official name: a node that is built here carries its stand-in under it.
IMAGE = "registry.k8s.io/metrics-server/metrics-server"
API = "v1beta1.metrics.k8s.io"
LOAD = 200  # requests a second; the usual 40 stay far below what the kind overlay asks for


def install() -> None:
    """Have metrics-server; returns before it serves, and before the API server knows of it."""
    deploy.add(MANIFESTS, f"{IMAGE}:v{toolchain()['METRICS_SERVER_VERSION']}")


def publish() -> None:
    """Tell the API server where the figures are, once they are there.

    Not sooner: it keeps the connections that it makes, and before the Service's address is known
    on its node they may have led to somebody else.

    Raises:
        LayerctlError: metrics-server does not serve.
    """
    rollout = ("rollout", "status", "deployment/metrics-server", f"--timeout={LIMIT_S}s")
    kubectl("-n", "kube-system", *rollout, limit_s=LIMIT_S + 10)
    kubectl("apply", "-f", str(MANIFESTS / "api-service.yaml"))


def condition(status: dict[str, Any]) -> tuple[bool, str]:
    """Whether the autoscaler can work, and what it says about that."""
    for each in status.get("conditions") or []:
        if each["type"] == "ScalingActive":
            return each["status"] == "True", f"{each['reason']}: {each['message']}"
    return False, "it has said nothing yet"


def cpu(status: dict[str, Any]) -> int | None:
    """The share of the requested CPU that the replicas use, in percent; None when unknown."""
    for metric in status.get("currentMetrics") or []:
        share = metric.get("resource", {}).get("current", {}).get("averageUtilization")
        if share is not None:
            return int(share)
    return None


def status() -> dict[str, Any]:
    """What the autoscaler says of itself."""
    found: dict[str, Any] = get("hpa", "hop").get("status", {})
    return found


def targets() -> str:
    """The figure and its target as ``kubectl get hpa`` shows them."""
    return kubectl("-n", NAMESPACE, "get", "hpa", "hop", "--no-headers")


def figures() -> bool:
    """Whether the autoscaler works, with a figure."""
    found = status()
    return condition(found)[0] and cpu(found) is not None


def follow() -> tuple[Tally, float, float]:
    """Load until there is a third replica, then none until there are two again.

    Returns the tally, the seconds up and the seconds down.
    """
    until("a figure for the autoscaler", figures, LIMIT_S)
    with during(rate=LOAD, tail_s=0) as tally:
        up = until("a third replica", lambda: len(pods()) > REPLICAS, LIMIT_S)
    down = until("two replicas again", lambda: wanted() == len(pods()) == REPLICAS, LIMIT_S)
    return tally, up, down
