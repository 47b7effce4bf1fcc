"""Where releases go: two replicas behind a proxy, with their database, by Docker Compose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack import settings
from stack.compose import Stack
from stack.web import ask

from layerctl.labels import call
from pipeline.place import Place
from pipeline.state import Release

OVERRIDE = Path(__file__).with_name("release.yaml")
REPLICAS = ("hop-1", "hop-2")
PROBE = ("/app/bin/python", "-m", "hop.health")
# What hop is given to end what it has begun; Compose's own limit is 10 s.
STOP_S = "20"


@dataclass(frozen=True, slots=True)
class Target:
    """The Compose project with the variables of this moment; a change makes a new one."""

    stack: Stack

    @property
    def url(self) -> str:
        """Where clients ask."""
        return self.stack.url("HOP_PORT")

    @property
    def token(self) -> str:
        """What a client needs to make links."""
        return self.stack.secret("hop_token")

    def _with(self, **changed: str) -> Target:
        values = self.stack.variables | changed
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        (self.stack.home / "env").write_text(lines, "utf-8")
        return Target(project(self.stack.home, values))

    def with_release(self, *replicas: str, release: Release) -> Target:
        """Replicas are to run a release; nothing is started."""
        names = [replica.upper().replace("-", "_") for replica in replicas]
        images = {f"{name}_IMAGE": release.image for name in names}
        return self._with(**images, **{f"{name}_RELEASE": release.name for name in names})

    def with_candidate(self, release: Release) -> Target:
        """The migration and the candidate are to run a release."""
        return self._with(HOP_IMAGE=release.image, CANDIDATE_RELEASE=release.name)

    def up(self, *services: str) -> None:
        """Have these run as their variables say."""
        options = ("--detach", "--no-deps", "--quiet-pull", "--timeout", STOP_S)
        self.stack.run("up", *options, *services)

    def migrate(self) -> None:
        """Run the migration once the database takes connections; it fails by its exit code."""
        options = ("--rm", "--no-deps", "-T", "--quiet-pull")
        self.stack.run("up", "--detach", "--no-deps", "--wait", "postgres")
        self.stack.run("run", *options, "migrate")

    def remove(self, *services: str) -> None:
        """Stop and remove the containers of services."""
        self.stack.run("rm", "--stop", "--force", *services)

    def ready(self, service: str) -> bool:
        """Whether a replica says that it is ready."""
        return self.stack.execute(service, *PROBE).returncode == 0

    def container(self, service: str) -> str:
        """The id of a service's container; empty without one."""
        return self.stack.run("ps", "--quiet", service).strip()

    def image_id(self, service: str) -> str:
        """The id of the image that a service's container was made from; empty without one."""
        found = self.container(service)
        return call("docker", "inspect", "-f", "{{.Image}}", found).strip() if found else ""

    def seen(self, replica: str) -> list[dict[str, Any]]:
        """What the proxy has logged of a replica since its container was started."""
        form = "{{.State.StartedAt}}"
        since = call("docker", "inspect", "-f", form, self.container(replica)).strip()
        log = call("docker", "logs", "--since", since, self.container("proxy"))
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        return [line for line in lines if line["server"] == replica]

    def in_rotation(self, replica: str) -> bool:
        """Whether a request that we send now is answered by it."""
        for _ in REPLICAS:
            ask(f"{self.url}/version")
        return bool(self.seen(replica))


def project(home: Path, variables: dict[str, str]) -> Stack:
    """The Compose project of a place; the checkout that made it may have moved since."""
    name = f"six-layers-{variables['SIX_LAYERS_CHECKOUT']}-{home.name}"
    return Stack(
        name=name, profiles=("delivery",), home=home, more=(OVERRIDE,), variables=variables
    )


def target(place: Place) -> Target:
    """The target of a place; the first time it gets its secrets, its port and its images."""
    written = place.home / "env"
    if written.exists():
        pairs = (line.split("=", 1) for line in written.read_text("utf-8").splitlines())
        return Target(project(place.home, dict(pairs)))
    tags = settings.images(("postgres", "haproxy"))
    port = {"HOP_PORT": settings.choose_ports(usual=False)["HOP_PORT"]}
    return Target(project(place.home, settings.environment(place.home, tags, port, {})))
