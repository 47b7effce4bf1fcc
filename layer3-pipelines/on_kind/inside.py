"""Asked from inside the cluster: does hop answer by its name, and who reaches the database?"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from layerctl.waits import until
from on_kind.cluster import NAMESPACE, ask, get, kubectl

LIMIT_S = 90
CONNECT = """import socket, sys
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()
except OSError as error: sys.exit(f"{type(error).__name__}: {error}")"""


def pod(image: str, labels: dict[str, str], command: list[str], env: dict[str, str]) -> Any:
    """A pod that runs one command in hop's image, as restricted as hop's own."""
    context = {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": "ask",
        "image": image,
        "command": command,
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "metadata": {"labels": labels},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": context,
            "containers": [container],
        },
    }


def ended(name: str) -> bool:
    """Whether a Job has come to its end, good or bad."""
    conditions = get("job", name)["status"].get("conditions", [])
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in conditions)


def run(template: Any) -> tuple[bool, str]:
    """Run a pod as a Job to its end; whether it succeeded, and what it said.

    Raises:
        LayerctlError: it did not end in time.
    """
    name = f"ask-{uuid.uuid4().hex[:8]}"
    spec = {"backoffLimit": 0, "activeDeadlineSeconds": LIMIT_S, "template": template}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}
    kubectl("-n", NAMESPACE, "create", "-f", "-", given=json.dumps(job))
    return outcome(name, LIMIT_S + 10)


def outcome(
    name: str, limit_s: float, watch: Callable[[], object] = lambda: None
) -> tuple[bool, str]:
    """Wait for a Job's end; whether it succeeded, and what it said. It is removed.

    Args:
        name: the Job's.
        limit_s: for its end, in seconds.
        watch: called again and again while it runs.

    Raises:
        LayerctlError: it did not end in time.
    """

    def over() -> bool:
        watch()
        return ended(name)

    try:
        until(f"job {name}", over, limit_s)
        said = ask("-n", NAMESPACE, "logs", f"job/{name}").stdout.strip()
        return bool(get("job", name)["status"].get("succeeded")), said
    finally:
        ask("-n", NAMESPACE, "delete", "job", name, "--wait=false")


def smoke(image: str, port: int = 80) -> tuple[bool, str]:
    """hop's own health check, against the Service's name."""
    env = {"HOP_HOST": f"hop.{NAMESPACE}.svc", "HOP_PORT": str(port)}
    return run(
        pod(image, {"six-layers/hop": "client"}, ["/app/bin/python", "-m", "hop.health"], env)
    )


def reaches_database(image: str, host: str, *, client: bool, node: str) -> bool:
    """Whether a pod on a node, with or without the clients' label, gets to the database."""
    labels = {"six-layers/database": "client"} if client else {}
    command = ["/app/bin/python", "-c", CONNECT, host, "5432"]
    template = pod(image, labels, command, {})
    template["spec"]["nodeName"] = node
    return run(template)[0]
