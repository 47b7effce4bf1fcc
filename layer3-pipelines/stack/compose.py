"""One Compose project of ours: bring it up, ask it, break it, take it down."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layerctl import engines
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, RUN, checkout_id
from stack import settings

FILE = ROOT / "layer3-pipelines/compose.yaml"
NAME = f"six-layers-{checkout_id()}"
CALL_LIMIT_S = 120
TAIL = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A project; ``variables`` are those of compose.yaml, ``more`` further files of it."""

    name: str = NAME
    profiles: tuple[str, ...] = ("full",)
    home: Path = RUN / "compose"
    more: tuple[Path, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> list[str]:
        """A Compose command, as it can be typed."""
        files = [word for path in (FILE, *self.more) for word in ("-f", str(path))]
        profiles = [word for name in self.profiles for word in ("--profile", name)]
        env = ["--env-file", str(self.home / "env")]
        return ["docker", "compose", "-p", self.name, *files, *env, *profiles, *words]

    def run(self, *words: str, given: str | None = None, also: Sequence[int] = ()) -> str:
        """Run a Compose command; its standard output.

        Raises:
            LayerctlError: an exit code that is not 0 or among ``also``.
        """
        try:
            done = self.call(*words, given=given)
        except subprocess.TimeoutExpired:
            stuck = f"docker compose {' '.join(words)} did not end in {CALL_LIMIT_S} s"
            raise LayerctlError(stuck, f"docker compose -p {self.name} ps --all") from None
        if done.returncode not in (0, *also):
            said = "\n".join(f"  | {line}" for line in done.stderr.splitlines()[-TAIL:])
            raise LayerctlError(f"docker compose {' '.join(words)} failed:\n{said}")
        return done.stdout

    def call(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a Compose command, whatever becomes of it."""
        env = os.environ | engines.environment() | self.variables
        return subprocess.run(
            self.command(*words),
            env=env,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            timeout=CALL_LIMIT_S,
            check=False,
        )

    def execute(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program in a running container."""
        return self.call("exec", "-T", service, *command)

    def services(self) -> dict[str, dict[str, Any]]:
        """State by service of all containers, ended ones too."""
        lines = self.run("ps", "--all", "--format", "json").splitlines()
        found = [json.loads(line) for line in lines]
        return {each["Service"]: each for each in found}

    def wanted(self) -> list[str]:
        """The services that the profiles name."""
        return sorted(self.run("config", "--services").split())

    def log(self, service: str) -> list[str]:
        """A container's lines, without a prefix."""
        return self.run("logs", "--no-log-prefix", "--no-color", service).splitlines()

    def url(self, variable: str) -> str:
        """The address that a port variable publishes."""
        return f"http://127.0.0.1:{self.variables[variable]}"

    def secret(self, name: str) -> str:
        """The content of a secret."""
        return (self.home / "secrets" / name).read_text("utf-8").strip()

    def unsettled(self) -> list[str]:
        """Services that are not yet what they should be: healthy, running, or ended well."""
        found = self.services()
        missing = [f"{name}: missing" for name in self.wanted() if name not in found]
        return missing + [
            f"{name}: {each['State']} {each['Health']}".strip()
            for name, each in sorted(found.items())
            if not settled(each)
        ]

    def down(self, *, volumes: bool = True) -> None:
        """Stop and remove the project."""
        self.run("down", "--timeout", "10", "--remove-orphans", *(["--volumes"] if volumes else []))


def settled(state: dict[str, Any]) -> bool:
    """Whether a container is healthy, runs without a check, or is a one-shot that ended well."""
    if state["State"] == "exited":
        return bool(state["Service"] == "migrate" and state["ExitCode"] == 0)
    return bool(state["State"] == "running" and state["Health"] in ("", "healthy"))


def prepare(
    *,
    profiles: tuple[str, ...],
    name: str = NAME,
    home: Path = RUN / "compose",
    more: tuple[Path, ...] = (),
    usual_ports: bool = True,
    extra: dict[str, str] | None = None,
) -> Stack:
    """A stack with its images, secrets and ports; nothing runs yet."""
    home.mkdir(parents=True, exist_ok=True)
    tags = settings.images()
    full = "full" in profiles
    if full and "GRAFANA_IMAGE" in tags:
        profiles = (*profiles, "grafana")
    extra = {"HOP_TRACES": "otlp" if full else "none", **(extra or {})}
    ports = settings.choose_ports(usual=usual_ports)
    variables = settings.environment(home, tags, ports, extra)
    return Stack(name=name, profiles=profiles, home=home, more=more, variables=variables)
