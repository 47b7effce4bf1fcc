"""Who reaches the database, judged only once it is known whether policies are enforced here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from on_kind import inside
from on_kind.cluster import NAMESPACE, ask, get, kubectl, nodes

PORT = 8000
START_S = 90
# A network takes a moment to act on a new policy.
ACTS_S = 15
# A node that was away is Ready before it has its routes again.
BACK_S = 60
NOT_ENFORCED = "skipped: this cluster's network enforces no NetworkPolicy"
LISTEN = ["/app/bin/python", "-m", "http.server", str(PORT), "--directory", "/run"]
DENY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
}


def listener(name: str, image: str) -> dict[str, Any]:
    """A pod that accepts connections, and from which one can be tried."""
    pod: dict[str, Any] = inside.pod(image, {}, LISTEN, {})
    pod["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": PORT}}
    pod["spec"]["terminationGracePeriodSeconds"] = 1
    return {"apiVersion": "v1", "kind": "Pod"} | pod | {"metadata": {"name": name}}


def enforced(image: str) -> bool:
    """Whether a policy that denies everything keeps one pod of ours from another.

    Raises:
        LayerctlError: the two do not reach each other without a policy either.
    """
    where = f"probe-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", where)
    try:
        # Without it no pod is taken, and it comes a moment after its namespace.
        account = ("wait", "--for=create", "serviceaccount/default", f"--timeout={START_S}s")
        kubectl("-n", where, *account, limit_s=START_S + 10)
        for name in ("one", "two"):
            kubectl("-n", where, "create", "-f", "-", given=json.dumps(listener(name, image)))
        ready = ("wait", "pod", "--all", "--for=condition=Ready", f"--timeout={START_S}s")
        kubectl("-n", where, *ready, limit_s=START_S + 10)
        address = get("pod", "two", namespace=where)["status"]["podIP"]

        def connects() -> bool:
            command = ("exec", "one", "--", "/app/bin/python", "-c", inside.CONNECT, address)
            return ask("-n", where, *command, str(PORT)).returncode == 0

        until("two pods without a policy to reach each other", connects, ACTS_S)
        kubectl("-n", where, "create", "-f", "-", given=json.dumps(DENY))
        return _happens("the policy to be enforced", lambda: not connects(), ACTS_S)
    finally:
        ask("delete", "namespace", where, "--wait=false")


def _happens(what: str, probe: Callable[[], bool], limit_s: float) -> bool:
    try:
        until(what, probe, limit_s)
    except LayerctlError:
        return False
    return True


def verdict(*, enforced: bool, client: bool, stranger: bool) -> str:
    """What follows from who reached the database.

    Raises:
        LayerctlError: hop's own label does not lead there, or policies hold and a stranger gets in.
    """
    if not client:
        raise LayerctlError("a pod labelled as the database's client does not reach it")
    if not enforced:
        return NOT_ENFORCED
    if stranger:
        again = "kubectl -n hop get networkpolicy; make -C layer3-pipelines kind"
        raise LayerctlError("a pod without the clients' label reaches the database", again)
    return "a pod without the clients' label does not reach the database"


def client_gets_in(image: str) -> bool:
    """Whether a client on the worker without the database reaches it, by its name."""
    host, node = f"postgres.{NAMESPACE}.svc", nodes().other

    def reaches() -> bool:
        return inside.reaches_database(image, host, client=True, node=node)

    return _happens("a client on the other worker to reach the database", reaches, BACK_S)


def check(image: str) -> str:
    """Whether the network keeps strangers from the database.

    Raises:
        LayerctlError: as ``verdict`` says.
    """
    # From where a client gets in, and by the address: a stranger that only failed to resolve the
    # name would prove nothing.
    address = get("pod", "postgres-0")["status"]["podIP"]
    return verdict(
        enforced=enforced(image),
        client=client_gets_in(image),
        stranger=inside.reaches_database(image, address, client=False, node=nodes().other),
    )
