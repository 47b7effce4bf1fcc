"""The kind cluster of this checkout: brought up, given images, asked by kubectl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from layerctl import engines
from layerctl.cluster import NAME as CLUSTER
from layerctl.errors import LayerctlError, MissingError
from layerctl.paths import ROOT, RUN

NAMESPACE = "hop"
NODE_PORT = 30080
# Never the reader's own configuration, which may name a production cluster.
KUBECONFIG = RUN / "kind/config"
UNAVAILABLE = 69
AGAIN = f"kind delete cluster --name {CLUSTER}, then make -C layer3-pipelines kind"


def script(*command: str) -> str:
    """Run one of the repository's scripts; its answer. What it says reaches the terminal.

    Raises:
        MissingError: this machine does not allow it; the answer says why.
        LayerctlError: it failed.
    """
    done = subprocess.run([str(ROOT / command[0]), *command[1:]], stdout=subprocess.PIPE, text=True)
    if done.returncode == UNAVAILABLE:
        raise MissingError(done.stdout.strip().removeprefix("because "))
    if done.returncode:
        raise LayerctlError(f"{command[0]} failed with exit code {done.returncode}")
    return done.stdout.strip()


def ask(*arguments: str, given: str = "", limit_s: float = 60) -> subprocess.CompletedProcess[str]:
    """kubectl on this cluster, whatever its exit code.

    Raises:
        MissingError: there is no kubectl.
        LayerctlError: it did not end within ``limit_s`` seconds.
    """
    if shutil.which("kubectl") is None:
        raise MissingError("there is no kubectl on PATH", "make -C layer3-pipelines kind")
    command = ["kubectl", "--kubeconfig", str(KUBECONFIG), *arguments]
    try:
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise LayerctlError(f"kubectl {' '.join(arguments)}: no end within {limit_s:g} s") from None


def kubectl(*arguments: str, given: str = "", limit_s: float = 60) -> str:
    """kubectl that must succeed; what it prints.

    Raises:
        LayerctlError: it failed; the message says what the server said.
    """
    done = ask(*arguments, given=given, limit_s=limit_s)
    if done.returncode:
        raise LayerctlError(f"kubectl {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


def get(kind: str, *arguments: str, namespace: str = NAMESPACE) -> Any:
    """Objects of a namespace, hop's by default, or one of them, as JSON."""
    return json.loads(kubectl("-n", namespace, "get", kind, *arguments, "-o", "json"))


def docker(*arguments: str) -> str:
    """Docker, about the cluster's nodes.

    Raises:
        LayerctlError: it failed.
    """
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"docker {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes' names, which are those of their containers."""

    control: str
    keeper: str  # has the database's volume
    other: str

    @property
    def workers(self) -> tuple[str, str]:
        """Where pods run."""
        return self.keeper, self.other


def nodes() -> Nodes:
    """Who is who.

    Raises:
        LayerctlError: the cluster was made with another configuration.
    """
    items = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    labels = {item["metadata"]["name"]: item["metadata"]["labels"] for item in items}
    control = [n for n, of in labels.items() if "node-role.kubernetes.io/control-plane" in of]
    keeper = [n for n, of in labels.items() if of.get("six-layers/keeps") == "database"]
    other = sorted(set(labels) - set(control) - set(keeper))
    if not (len(control) == len(keeper) == len(other) == 1):
        raise LayerctlError(f"cluster {CLUSTER} is not as layer3-pipelines/kind says", AGAIN)
    return Nodes(control[0], keeper[0], other[0])


def exists() -> bool:
    """Whether the cluster is here already."""
    os.environ.update(engines.environment())
    return not engines.PROBES["kind"]()


def up() -> str:
    """Have the cluster; one line about it."""
    answer = script(".ci/engines/kind-up", CLUSTER)
    os.environ.update(engines.environment())
    return answer


def address(port: int = NODE_PORT) -> str:
    """Where a node port, hop's by default, is on this machine.

    Raises:
        LayerctlError: the cluster was made before it had that port.
    """
    try:
        said = docker("port", f"{CLUSTER}-control-plane", f"{port}/tcp").splitlines()
    except LayerctlError as error:
        raise LayerctlError(f"cluster {CLUSTER} has no port {port}: {error}", AGAIN) from None
    return f"http://{said[0]}"


def contained(node: str, *arguments: str) -> str:
    """Ask a node's containerd about images."""
    return docker("exec", node, "ctr", "-n", "k8s.io", "images", *arguments)


def load(image: str, *onto: str) -> str:
    """Give an image to nodes; its name there, which ends with the image's own id.

    So a node that knows the name has the content. kind itself would ask `crictl`, which not
    every node has, and copy the image each time.

    Raises:
        LayerctlError: kind could not.
    """
    identity = docker("image", "inspect", "-f", "{{.Id}}", image).removeprefix("sha256:")[:12]
    name = f"{image.rpartition(':')[0]}:{identity}"
    missing = [n for n in onto if f"docker.io/{name}" not in contained(n, "ls", "-q").splitlines()]
    if missing:
        docker("tag", image, name)
        command = ["kind", "load", "docker-image", name, "--name", CLUSTER]
        command += ["--nodes", ",".join(missing)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LayerctlError(f"{' '.join(command)} failed: {done.stderr.strip()}")
    return name
