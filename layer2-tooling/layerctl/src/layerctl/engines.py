"""The engines that tests run on: which are here, what enables the others, what may be absent."""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from layerctl import probes
from layerctl.paths import ROOT, RUN, cache, checkout_id

ACCEPTED = ROOT / ".ci/engines/absences"


def environment() -> dict[str, str]:
    """What ``source .ci/engines/env.bash`` sets, for programs that layerctl starts."""
    kept = cache()
    path = os.environ.get("PATH", "")
    values = {"SIX_LAYERS_CACHE": str(kept)}
    if str(kept / "bin") not in path.split(os.pathsep):
        values["PATH"] = f"{kept / 'bin'}{os.pathsep}{path}"
    places = {"DOCKER_CONFIG": kept / "docker", "KUBECONFIG": RUN / "kind/config"}
    if Path("~/.docker/config.json").expanduser().exists():
        del places["DOCKER_CONFIG"]  # a reader's logins are there
    for name, place in places.items():
        if name not in os.environ and place.exists():
            values[name] = str(place)
    return values


def _docker() -> str:
    probe = probes.docker()
    return "" if probe.usable else probe.detail


def _programs(*names: str) -> str:
    return "" if any(map(shutil.which, names)) else f"no {' or '.join(names)} on PATH"


def _systemd() -> str:
    name = f"six-layers-systemd-{checkout_id()}"
    if Path("/run/systemd/system").is_dir():
        return ""
    if reason := _docker():
        return f"it is not the first process here, and Docker: {reason}"
    code, running = probes.output(["docker", "inspect", "-f", "{{.State.Running}}", name])
    return "" if code == 0 and running == "true" else f"container {name} does not run"


def _kind() -> str:
    if reason := _programs("kind"):
        return reason
    code, clusters = probes.output(["kind", "get", "clusters"])
    name = f"six-layers-{checkout_id()}"
    return "" if code == 0 and name in clusters.splitlines() else f"no cluster {name}"


def _postgres() -> str:
    probe = probes.postgres()
    return "" if probe.usable else probe.detail


# Each says why the engine is not here; nothing when it is.
PROBES: dict[str, Callable[[], str]] = {
    "native": lambda: "",
    "docker": _docker,
    "kind": _kind,
    "systemd": _systemd,
    "terraform": lambda: _programs("terraform"),
    "browser": lambda: _programs("chromium", "google-chrome"),
    "prometheus": lambda: _programs("prometheus"),
    "postgres": _postgres,
}
# Any other name is a program that `make engines` can provide, such as act.
ENABLE = {"terraform": "install Terraform (developer.hashicorp.com/terraform/install)"}


@functools.cache
def absent(name: str) -> str:
    """Why an engine is not here and what enables it, in one line; empty when it is here."""
    probe = PROBES.get(name) or (lambda: _programs(name))
    reason = probe()
    enable = ENABLE.get(name, f"make engines ENGINE={name}")
    return f"{name}: {reason}. Enable: {enable}" if reason else ""


def accepted(name: str, reason: str, listed: Path = ACCEPTED) -> bool:
    """Whether the committed list knows this absence: a name, a tab, a pattern a line."""
    for line in listed.read_text("utf-8").splitlines():
        engine, _, pattern = line.partition("\t")
        if engine == name and pattern and re.search(pattern, reason):
            return True
    return False


def unexpected(names: Iterable[str] = PROBES) -> list[str]:
    """Engines that are not here although nothing on the committed list excuses it."""
    reasons = {name: absent(name) for name in names}
    return [reason for name, reason in reasons.items() if reason and not accepted(name, reason)]
