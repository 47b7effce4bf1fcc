"""The way in by the Gateway API: Traefik made its controller, its routes judged by what they do."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until
from on_kind import cluster, deploy
from on_kind.cluster import NAMESPACE, ask, docker, get, kubectl

MANIFESTS = ROOT / "layer3-pipelines/k8s/traefik"
PORT = 30081
LIMIT_S = 120
FORGED = "203.0.113.9"
LOST = "/lost-behind"
# As hop's own route, but for the Service that nobody has made.
LOST_ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "lost"},
    "spec": {
        "parentRefs": [{"name": "hop"}],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": LOST}}],
                "backendRefs": [{"name": "nobody", "port": 80}],
            }
        ],
    },
}


def install(image: str) -> None:
    """Have Traefik; returns when it serves hop.

    Raises:
        LayerctlError: it does not, or the routes are not taken.
    """
    deploy.add(MANIFESTS, image)
    rollout = ("rollout", "status", "deployment/traefik", f"--timeout={LIMIT_S}s")
    kubectl("-n", "traefik", *rollout, limit_s=LIMIT_S + 10)
    until(
        "the gateway to be programmed", lambda: conditions("gateway", "hop")["Programmed"], LIMIT_S
    )
    until("hop's route to be taken", lambda: all(conditions("httproute", "hop").values()), LIMIT_S)
    until("hop to answer through the gateway", lambda: status("/version") == 200, LIMIT_S)


def url() -> str:
    """Where the gateway is on this machine."""
    return cluster.address(PORT)


def conditions(kind: str, name: str) -> dict[str, bool]:
    """What the controller says of an object; of a route what it says to its one parent."""
    found = get(kind, name).get("status", {})
    parents = found.get("parents", [{}]) if kind == "httproute" else [found]
    said = {each["type"]: each["status"] == "True" for each in parents[0].get("conditions", [])}
    return {
        "Accepted": False,
        "ResolvedRefs" if kind == "httproute" else "Programmed": False,
    } | said


def status(path: str, base: str = "") -> int:
    """What a request through the gateway, or elsewhere, is answered with; 0 for no answer."""
    try:
        with urllib.request.urlopen((base or url()) + path, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def clients() -> dict[str, str]:
    """Whom hop takes for the client: a node, the same with a forged header, another node.

    All through the same pod of Traefik, past its Service, whose address could make a difference.
    """
    found, known = cluster.nodes(), dict[str, str]()
    pods = get("pods", "-l", "app.kubernetes.io/name=traefik", namespace="traefik")["items"]
    stays = next(pod for pod in pods if "deletionTimestamp" not in pod["metadata"])
    proxy = f"http://{stays['status']['podIP']}:8000"
    nodes = {"one": found.keeper, "forged": found.keeper, "other": found.control}
    paths = {name: f"/{uuid.uuid4().hex}" for name in nodes}

    def told() -> bool:
        # Again and again: the log of a replica that goes now would be lost with it.
        for name in nodes.keys() - known.keys():
            header = ("-H", f"X-Forwarded-For: {FORGED}") if name == "forged" else ()
            docker("exec", nodes[name], "curl", "-s", *header, proxy + paths[name])
        by_path = _logged()
        known.update({name: by_path[path] for name, path in paths.items() if path in by_path})
        return len(known) == len(nodes)

    until("hop's access log", told, 30)
    return known


def _logged() -> dict[str, str]:
    """Clients by path, in what hop's replicas have logged lately."""
    replicas = ("-l", "app.kubernetes.io/name=hop", "-c", "hop", "--ignore-errors")
    recent = ("logs", *replicas, "--since=1m", "--tail=-1")
    # A replica that only comes or goes has no log to show, which is no failure.
    lines = ask("-n", NAMESPACE, *recent).stdout.splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith("{")]
    return {str(event.get("path")): str(event.get("client")) for event in events}


def check() -> str:
    """What the gateway does with paths, headers and a route to nowhere; in words.

    Raises:
        LayerctlError: it does something else.
    """
    if (seen := (status("/version"), status("/metrics"))) != (200, 404):
        raise LayerctlError(f"through the gateway /version and /metrics answer {seen}")
    who = clients()
    if not who["one"] == who["forged"] != who["other"]:
        raise LayerctlError(f"hop takes these for its clients: {who}")
    taken, answer = lost()
    if taken or answer < 500:
        raise LayerctlError(f"a route to nowhere: ResolvedRefs {taken}, answer {answer}")
    return f"/metrics stays inside, a forged address is not believed, a lost backend is {answer}"


def lost() -> tuple[bool, int]:
    """A route whose Service does not exist: whether its references resolve, and its answer."""
    kubectl("-n", NAMESPACE, "apply", "-f", "-", given=json.dumps(LOST_ROUTE))
    try:
        until("the route to be taken", lambda: conditions("httproute", "lost")["Accepted"], 60)
        until("an answer of its own", lambda: status(LOST) not in (0, 404), 60)
        return conditions("httproute", "lost")["ResolvedRefs"], status(LOST)
    finally:
        kubectl("-n", NAMESPACE, "delete", "httproute", "lost")
