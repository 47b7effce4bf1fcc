"""What happens to a service in its life: a new release, a bad one, a lost pod, a lost node."""

from __future__ import annotations

import json
import time

from main_job.serve import get_json

from layerctl.errors import LayerctlError
from layerctl.waits import until
from on_kind import deploy, gateway
from on_kind.cluster import NAMESPACE, address, ask, docker, get, kubectl, nodes
from on_kind.deploy import REPLICAS, Images, pods, wanted
from on_kind.traffic import RATE, Tally, during

# An image that nobody has makes no progress: nothing is gained by waiting longer.
SOON_S = 20


def serving() -> str:
    """The release that answers."""
    return str(get_json(f"{address()}/version")["release"])


def roll_out(
    release: str, images: Images, *, patches: list[dict[str, object]] | None = None
) -> Tally:
    """Put out a release under load; what became of the requests meanwhile, on both ways in."""
    images.release(release)
    half = RATE // 2
    with during(rate=half) as tally, during(rate=half, url=gateway.url()) as through:
        deploy.apply(release, images, patches=patches)
        calm()
    through.why = through.why and f"through the gateway: {through.why}"
    if not through.requests:
        raise LayerctlError("no request went through the gateway")
    tally.add(through)
    return tally


def calm() -> None:
    """Wait until the newest release serves alone and every new connection is answered.

    The last old pod still has its preStop pause and its drain before it, and the nodes take a while
    to forget the addresses of dead pods.

    Raises:
        LayerctlError: it did not come to that.
    """
    deploy.settle()
    until("the old pods to go", lambda: len(_all_pods()) == wanted(), 60)
    until("new connections to be answered", _answers, 60)


def _all_pods() -> list[str]:
    items = get("pods", "-l", "app.kubernetes.io/name=hop")["items"]
    return [item["metadata"]["name"] for item in items]


def bad_tag(images: Images) -> tuple[Tally, float]:
    """Ask for an image that nobody has; seconds until the rollout was called off.

    Raises:
        LayerctlError: the rollout went through, or stopped for another reason.
    """
    before, started = serving(), time.monotonic()
    wrong = f"{images.hop.rpartition(':')[0]}:no-such-tag"
    of = ("-n", NAMESPACE)
    usual = get("deployment", "hop")["spec"]["progressDeadlineSeconds"]
    container = {"name": "hop", "image": wrong}
    change = {"progressDeadlineSeconds": SOON_S, "template": {"spec": {"containers": [container]}}}
    with during() as tally:
        kubectl(*of, "patch", "deployment", "hop", "-p", json.dumps({"spec": change}))
        verdict = ask(*of, "rollout", "status", "deployment/hop", "--timeout=120s", limit_s=130)
        seconds = time.monotonic() - started
        after, ready = serving(), len(pods())
        kubectl(*of, "rollout", "undo", "deployment/hop")
        back = json.dumps({"spec": {"progressDeadlineSeconds": usual}})
        kubectl(*of, "patch", "deployment", "hop", "-p", back)
        kubectl(*of, "rollout", "status", "deployment/hop", "--timeout=60s", limit_s=70)
    if verdict.returncode == 0 or "exceeded its progress deadline" not in verdict.stderr:
        raise LayerctlError(f"a bad tag was not stopped: {verdict.stdout}{verdict.stderr}")
    if after != before or ready < REPLICAS:
        raise LayerctlError(f"{ready} replicas of {after} serve, want {REPLICAS} of {before}")
    return tally, seconds


def delete_pod() -> tuple[Tally, float]:
    """Delete a replica; seconds until two are ready again."""
    with during() as tally:
        name = pods()[0][0]
        kubectl("-n", NAMESPACE, "delete", "pod", name, "--wait=false")
        seconds = until("a new replica", lambda: _ready_besides(name) >= REPLICAS, 60)
    return tally, seconds


def _ready_besides(name: str) -> int:
    return sum(each != name for each, _ in pods())


def evictable(pod: str) -> bool:
    """Whether a drained node would be allowed to evict a pod now; nothing is evicted.

    Raises:
        LayerctlError: the server refuses for another reason than the disruption budget.
    """
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": NAMESPACE},
        "deleteOptions": {"dryRun": ["All"]},
    }
    done = ask("create", "--raw", path, "-f", "-", given=json.dumps(eviction))
    if done.returncode and "disruption budget" not in done.stderr:
        raise LayerctlError(f"eviction of {pod}: {done.stderr.strip()}")
    return done.returncode == 0


def restart_database() -> tuple[int, int, float]:
    """Delete the database's pod; links before and after, and the seconds it was away."""
    before = links()
    started = time.monotonic()
    kubectl("-n", NAMESPACE, "delete", "pod", "postgres-0", limit_s=90)
    deploy.settle()
    return before, links(), time.monotonic() - started


def links() -> int:
    """How many links the database has, asked of itself."""
    query = ("psql", "-h", "/var/run/postgresql", "-U", "hop", "-Atc", "select count(*) from links")
    return int(kubectl("-n", NAMESPACE, "exec", "postgres-0", "--", *query))


def lose_worker() -> tuple[Tally, Tally, float]:
    """Cut the worker without the database off the network.

    Returns what became of the requests until both replicas were ready elsewhere and every new
    connection was answered, of those after it, and the seconds in between. The worker is back when
    this returns.
    """
    lost = nodes().other
    # Not `docker stop`: a started container may come back under another address.
    gateway = docker("exec", lost, "ip", "-4", "route", "show", "default").split()[2]
    try:
        with during(tail_s=0) as meanwhile:
            docker("exec", lost, "ip", "link", "set", "eth0", "down")
            seconds = until(
                "both replicas on the other worker", lambda: _moved_from(lost) and _answers(), 180
            )
        with during(head_s=10, tail_s=0) as after:
            pass
    finally:
        docker("exec", lost, "ip", "link", "set", "eth0", "up")
        docker("exec", lost, "ip", "route", "replace", "default", "via", gateway, "dev", "eth0")
        ready = ("wait", "--for=condition=Ready", f"node/{lost}", "--timeout=120s")
        kubectl(*ready, limit_s=130)
    return meanwhile, after, seconds


def _answers(times: int = 10) -> bool:
    """Whether new connections all get an answer."""
    try:
        return all(serving() for _ in range(times))
    except OSError:
        return False


def _moved_from(node: str) -> bool:
    where = [at for _, at in pods()]
    return len(where) >= REPLICAS and node not in where
