"""Find, stop and remove what carries this checkout's label; a foreign thing is left alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from layerctl import probes
from layerctl.console import say
from layerctl.errors import LayerctlError
from layerctl.paths import checkout_id

LIMIT_S = 120
UNITS = {
    "--system": Path("/etc/systemd/system"),
    "--user": Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "systemd/user",
}
CRON = Path("/etc/cron.d")
# In this order: a network in use by a container cannot go, nor an image.
DOCKER = {
    "container": (["ps", "-aq", "--filter"], ["rm", "-f", "-v"]),
    "network": (["network", "ls", "-q", "--filter"], ["network", "rm"]),
    "volume": (["volume", "ls", "-q", "--filter"], ["volume", "rm"]),
    "image": (["images", "-q", "--filter"], ["rmi", "-f"]),
}
NAMES = {
    "container": "{{.Name}}",
    "network": "{{.Name}}",
    "volume": "{{.Name}}",
    # A build that took its tag away leaves an image without one.
    "image": "{{if .RepoTags}}{{index .RepoTags 0}}{{else}}{{.Id}}{{end}}",
}


def label() -> str:
    """The label of everything that this checkout creates."""
    return f"six-layers={checkout_id()}"


def call(*command: str) -> str:
    """Run a command that must work; what it prints.

    Raises:
        LayerctlError: it failed or did not end within two minutes.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise LayerctlError(f"{' '.join(command)} did not end in {LIMIT_S} s") from None
    if done.returncode:
        raise LayerctlError(f"{' '.join(command)} failed: {done.stderr.strip()}")
    return done.stdout


def docker_answers() -> bool:
    """Whether an engine answers; one that does not is said, because its things stay."""
    if shutil.which("docker") is None:
        return False
    probe = probes.docker()
    if not probe.usable:
        say(f"Docker: {probe.detail}; containers of this checkout, if there are any, stay")
    return probe.usable


def ours(kind: str) -> dict[str, str]:
    """Name by id of the Docker objects of one kind that carry the label."""
    found = call("docker", *DOCKER[kind][0], f"label={label()}").split()
    name = ["docker", kind, "inspect", "-f", NAMES[kind]]
    return {each: call(*name, each).strip().removeprefix("/") for each in dict.fromkeys(found)}


def clusters() -> list[str]:
    """kind clusters of this checkout: kind takes no label, so the name carries the id."""
    if shutil.which("kind") is None:
        return []
    prefix = f"six-layers-{checkout_id()}"
    return [name for name in call("kind", "get", "clusters").split() if name.startswith(prefix)]


def units(scope: str) -> list[Path]:
    """Unit files that say ``X-SixLayers=<id>``; systemd ignores keys that begin with ``X-``."""
    mark = f"X-SixLayers={checkout_id()}"
    files = (path for path in UNITS[scope].glob("*.*") if path.is_file())
    return sorted(f for f in files if mark in f.read_text("utf-8", "replace").splitlines())


def remove_units() -> list[str]:
    """Stop, disable and delete our units; their names."""
    removed = []
    for scope in UNITS:
        found = units(scope)
        for path in found:
            call("systemctl", scope, "disable", "--now", path.name)
            with contextlib.suppress(LayerctlError):  # most units keep no state
                what = "state" if path.suffix == ".timer" else "all"
                call("systemctl", scope, "clean", f"--what={what}", path.name)
            path.unlink()
            removed.append(f"unit {path.name}")
        if found:
            call("systemctl", scope, "daemon-reload")
    return removed


def remove_from_host() -> list[str]:
    """Delete our cron jobs and accounts; their names."""
    jobs = [path for path in CRON.glob("*") if path.is_file()] if CRON.is_dir() else []
    ours_too = [p for p in jobs if f"# {label()}" in p.read_text("utf-8", "replace").splitlines()]
    for path in ours_too:
        path.unlink()
    # An account has no room for a label but its comment.
    accounts = [user.pw_name for user in pwd.getpwall() if user.pw_gecos == label()]
    for name in accounts:
        call("userdel", name)
    return [*(f"cron job {p.name}" for p in ours_too), *(f"account {name}" for name in accounts)]


def stop() -> list[str]:
    """Stop our running containers; they stay until ``make clean``. Their names."""
    if not docker_answers():
        return []
    running = {
        each: name
        for each, name in ours("container").items()
        if call("docker", "inspect", "-f", "{{.State.Running}}", each).strip() == "true"
    }
    for each in running:
        call("docker", "stop", "-t", "10", each)
    return [f"container {name}" for name in running.values()]


def remove() -> list[str]:
    """Remove everything of ours from the engines; what was removed, one entry a thing."""
    removed = [*remove_units(), *remove_from_host()]
    if not docker_answers():
        return removed
    for name in clusters():
        call("kind", "delete", "cluster", "--name", name)
        removed.append(f"kind cluster {name}")
    for kind, (_, command) in DOCKER.items():
        for each, name in ours(kind).items():
            call("docker", *command, each)
            removed.append(f"{kind} {name}")
    return removed
