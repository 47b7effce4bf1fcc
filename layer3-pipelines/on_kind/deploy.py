"""Images, secrets and manifests onto the cluster; a release is an image tag."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from layerctl.paths import ROOT, RUN
from layerctl.waits import until
from on_kind.cluster import NAMESPACE, contained, docker, get, kubectl, load, nodes, script

OVERLAY = ROOT / "layer3-pipelines/k8s/overlays/kind"
HERE = RUN / "kind/deploy"
LOGS = "/var/local/hop-logs"
# The folders that the volumes name, and who writes there.
VOLUMES = {"/var/local/hop-postgres": "999", LOGS: "65532", "/var/local/hop-tables": "65532"}
LIMIT_S = 180
NAMES = ("hop", "postgres", "etl", "traefik")
REPLICAS = 2  # the autoscaler's minimum


@dataclass(frozen=True, slots=True)
class Images:
    """Names by which the workers know the images."""

    hop: str
    postgres: str
    etl: str
    traefik: str

    def release(self, release: str) -> str:
        """The image of a release: this build under a tag of its own."""
        repository, _, identity = self.hop.rpartition(":")
        tag = f"{repository}:{release}-{identity}"
        for node in nodes().workers:
            contained(node, "tag", "--force", f"docker.io/{self.hop}", f"docker.io/{tag}")
        return tag


def images() -> Images:
    """Build or find the images; those with a volume only where that is."""
    lines = script("layer3-pipelines/images/build", *NAMES).splitlines()
    named = dict(line.split("=", 1) for line in lines if "_IMAGE=" in line)
    found = nodes()
    return Images(
        load(named["HOP_IMAGE"], *found.workers),
        load(named["POSTGRES_IMAGE"], found.keeper),
        load(named["ETL_IMAGE"], found.keeper),
        load(named["TRAEFIK_IMAGE"], *found.workers),
    )


def secret(name: str, value: str = "") -> str:
    """A secret of this checkout, made once, in a file that only its owner reads."""
    path = HERE / name
    if not path.exists():
        HERE.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(value or secrets.token_urlsafe(24), "utf-8")
    return path.read_text("utf-8")


def token() -> str:
    """What a client needs to make links."""
    return secret("hop_token")


def customise(release: str, images: Images, *, patches: list[dict[str, object]]) -> Path:
    """A kustomization on top of the overlay: secrets, tags, release. JSON is YAML.

    Args:
        release: what hop calls itself, and the tag of its image.
        patches: kustomize patches besides ours.
    """
    password = secret("password")
    # The first of the names that a pod's resolver tries; a longer one would be its third.
    secret("database_url", f"postgresql://hop:{password}@postgres:5432/hop")
    for name in ("hop_token", "hop_client_key"):
        secret(name)
    tags = {"hop": images.release(release), "postgres": images.postgres, "etl": images.etl}
    version = "/spec/template/metadata/labels/app.kubernetes.io~1version"
    text = {
        "resources": [os.path.relpath(OVERLAY, HERE.resolve())],
        "namespace": NAMESPACE,
        "secretGenerator": [
            {"name": "hop", "files": ["hop_token", "hop_client_key", "database_url"]},
            {"name": "postgres", "files": ["password"]},
        ],
        "images": [
            {"name": name, "newName": tag.rpartition(":")[0], "newTag": tag.rpartition(":")[2]}
            for name, tag in tags.items()
        ],
        "patches": [
            {
                "target": {"kind": "Deployment", "name": "hop"},
                "patch": json.dumps([{"op": "replace", "path": version, "value": release}]),
            },
            *patches,
        ],
    }
    (HERE / "kustomization.yaml").write_text(json.dumps(text, indent=2) + "\n", "utf-8")
    return HERE


def add(manifests: Path, image: str) -> None:
    """Apply a folder that is no part of the overlay, and whose one image has the folder's name."""
    here, (name, _, tag) = RUN / "kind" / manifests.name, image.rpartition(":")
    text = {
        "resources": [os.path.relpath(manifests, here.resolve())],
        "images": [{"name": manifests.name, "newName": name, "newTag": tag}],
    }
    here.mkdir(parents=True, exist_ok=True)
    (here / "kustomization.yaml").write_text(json.dumps(text, indent=2) + "\n", "utf-8")
    kubectl("apply", "-k", str(here), limit_s=LIMIT_S)


def volumes() -> None:
    """The folders that the volumes name: no provisioner makes them.

    With the group and mode that ``fsGroup`` asks for: on any other the kubelet would open all files
    below to the group, and PostgreSQL would refuse to start.
    """
    for folder, user in VOLUMES.items():
        owner = ("-o", user, "-g", user, "-m", "2770")
        docker("exec", nodes().keeper, "install", "-d", *owner, folder)


def apply(release: str, images: Images, *, patches: list[dict[str, object]] | None = None) -> None:
    """Migrate to a release and ask for it; returns before it serves.

    Raises:
        LayerctlError: the server refused something, or the schema was not migrated in time.
    """
    folder = customise(release, images, patches=patches or [])
    # A Job cannot be changed, only made again.
    job = ("-n", NAMESPACE, "delete", "job", "hop-migrate", "--ignore-not-found")
    kubectl(*job, limit_s=LIMIT_S)
    kubectl("apply", "-k", str(folder), limit_s=LIMIT_S)


def settle(limit_s: float = LIMIT_S) -> None:
    """Wait until the schema is migrated and every pod of the newest release is ready.

    Raises:
        LayerctlError: it did not come to that.
    """
    limit = f"--timeout={limit_s:g}s"
    rollout = ("-n", NAMESPACE, "rollout", "status", limit)
    kubectl(*rollout, "statefulset/postgres", limit_s=limit_s + 10)
    migrated = ("wait", "--for=condition=complete", "job/hop-migrate", limit)
    kubectl("-n", NAMESPACE, *migrated, limit_s=limit_s + 10)
    # A new Deployment has one pod until the autoscaler has seen it.
    until("two replicas", lambda: len(pods()) >= REPLICAS, limit_s)
    kubectl(*rollout, "deployment/hop", limit_s=limit_s + 10)


def pods() -> list[tuple[str, str]]:
    """Name and node of hop's pods that are ready and stay."""
    found = []
    for pod in get("pods", "-l", "app.kubernetes.io/name=hop")["items"]:
        conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
        if "deletionTimestamp" not in pod["metadata"] and conditions.get("Ready") == "True":
            found.append((pod["metadata"]["name"], pod["spec"]["nodeName"]))
    return found


def wanted() -> int:
    """How many replicas the autoscaler wants."""
    return int(get("deployment", "hop")["spec"].get("replicas", 1))


def first(release: str, images: Images) -> None:
    """Put a release on a cluster that may be new, or have been left by a run that lost a node.

    Raises:
        LayerctlError: it did not come to a replica on each worker.
    """
    volumes()
    apply(release, images)
    settle()
    if len(spread()) < REPLICAS:  # nothing moves a running pod back
        kubectl("-n", NAMESPACE, "rollout", "restart", "deployment/hop")
        settle()
    until("a replica on each worker", lambda: len(spread()) == REPLICAS, 60)


def spread() -> set[str]:
    """The nodes on which hop is ready."""
    return {node for _, node in pods()}
