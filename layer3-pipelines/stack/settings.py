"""What Compose needs to know: images, ports, secrets; written below .run, never committed."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from pathlib import Path

from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.paths import ROOT, checkout_id

PORTS = {
    "HOP_PORT": 8000,
    "JUPYTER_PORT": 8888,
    "PROMETHEUS_PORT": 9090,
    "ALERTMANAGER_PORT": 9093,
    "GRAFANA_PORT": 3000,
    "OTLP_GRPC_PORT": 4317,
    "OTLP_HTTP_PORT": 4318,
}
MISSING = 69


def free(port: int) -> bool:
    """Whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_ports(*, usual: bool) -> dict[str, str]:
    """The ports to publish: the reader's, the usual one, or a free one where that is taken."""
    chosen = {}
    for name, port in PORTS.items():
        given = os.environ.get(name)
        if given is None and not (usual and free(port)):
            chosen[name] = str(any_port())
            if usual:
                say(f"port {port} is taken: {name}={chosen[name]}")
        else:
            chosen[name] = given or str(port)
    return chosen


def make_secrets(folder: Path) -> None:
    """Random secrets, one a file, kept from run to run.

    Compose mounts the files as they are, and hop's user is nobody on this machine: so each can be
    read by all, in a folder that only its owner can enter.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    names = (
        "postgres_password",
        "hop_token",
        "hop_client_key",
        "jupyter_token",
        "grafana_password",
    )
    for name in names:
        if not (folder / name).exists():
            write_secret(folder / name, secrets.token_urlsafe(24))
    password = (folder / "postgres_password").read_text("utf-8").strip()
    write_secret(folder / "database_url", f"postgresql://hop:{password}@postgres:5432/hop")


def write_secret(path: Path, text: str) -> None:
    """Write a secret in place: a running container has the file mounted, not its name."""
    path.touch()
    # Its owner's to write, who need not be root: the next run writes it again.
    path.chmod(0o644)
    path.write_text(text + "\n", "utf-8")


def images(names: tuple[str, ...] = ()) -> dict[str, str]:
    """Build or fetch the images; their tags by variable.

    Raises:
        LayerctlError: one failed; MissingError: this machine does not allow it.
    """
    command = [str(ROOT / "layer3-pipelines/images/build"), *names]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == MISSING:
        raise MissingError(done.stdout.strip().removeprefix("because "))
    if done.returncode:
        raise LayerctlError("an image could not be built; its log is named above")
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def environment(
    home: Path, images_by_name: dict[str, str], ports: dict[str, str], extra: dict[str, str]
) -> dict[str, str]:
    """The variables of compose.yaml, also written to a file for ``docker compose --env-file``."""
    make_secrets(home / "secrets")
    values = {
        "SIX_LAYERS_CHECKOUT": checkout_id(),
        "SIX_LAYERS_SECRETS": str(home / "secrets"),
        **images_by_name,
        **ports,
        **extra,
    }
    lines = "".join(f"{name}={value}\n" for name, value in values.items())
    (home / "env").write_text(lines, "utf-8")
    return values
