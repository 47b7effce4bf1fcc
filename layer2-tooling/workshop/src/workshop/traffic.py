"""A hop for a moment: serve it, send it seeded traffic, keep its access log."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from workshop.paths import VENV

LIMIT_S = 60.0


class TrafficError(Exception):
    """hop did not start, or its traffic failed; the message says why."""


def run(*command: str | Path, env: dict[str, str]) -> None:
    """Run a command that must work.

    Raises:
        TrafficError: it failed.
    """
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TrafficError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def bound_port(file: Path, server: subprocess.Popen[bytes]) -> int:
    """The port that hop writes once it listens.

    Raises:
        TrafficError: it ended, or wrote none within a minute.
    """
    deadline = time.monotonic() + LIMIT_S
    while not file.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise TrafficError(f"hop does not listen (exit {server.poll()})")
        time.sleep(0.05)
    return int(file.read_text())


def access_log(folder: Path, *, requests: int) -> Path:
    """The access log of a hop in ``folder`` after some requests, a few of them bad on purpose.

    Raises:
        TrafficError: hop is not set up, does not start, or its traffic fails.
    """
    programs = VENV / "api/bin"
    if not (programs / "hop").exists():
        raise TrafficError("hop is not set up. Next: layer1-env/bootstrap.sh api")
    env = os.environ | {"HOP_DATA": str(folder), "HOP_FAULTS": "1", "HOP_DRAIN_S": "0"}
    run(programs / "hop", "migrate", env=env)
    port_file = folder / "port"
    command = [str(programs / "hop"), "serve", "--port", "0", "--port-file", str(port_file)]
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{bound_port(port_file, server)}"
            truth = folder / "truth.json"
            words = ("--requests", str(requests), "--error-share", "0.02", "--truth", truth)
            run(programs / "hop-traffic", "--base-url", url, *words, env=env)
        finally:
            server.terminate()
    return folder / "access.log"
