"""The one command that builds and serves: what it refuses, how it serves, how it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

import pytest
from proof.docker import IMAGE, call, docker, wait_ready

from layerctl.engines import environment
from layerctl.paths import ROOT
from proof import image as shown

pytestmark = pytest.mark.docker
RUN = IMAGE / "run"


def test_the_one_command_serves_confined_until_control_c(image: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = call("env", f"PORT={port}", str(RUN))
        assert (refused.returncode, refused.stdout) == (75, "")
        assert f"port {port} is in use" in refused.stderr
    assert call("env", "PORT=http", str(RUN)).returncode == 2
    env = os.environ | environment() | {"PORT": str(port), "HOP_TOKEN": "test"}
    command = ["make", "-C", str(ROOT / "layer2-tooling"), "run"]
    # As on a terminal: the whole group is told, and nobody has said to ignore it.
    with subprocess.Popen(
        command,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    ) as running:
        try:
            wait_ready(f"http://127.0.0.1:{port}")
            (name,) = docker("ps", "--format", "{{.Names}}", "--filter", f"publish={port}").split()
            assert shown.liberties(shown.inside(name)) == []
        finally:
            os.killpg(running.pid, signal.SIGINT)
            said = running.communicate(timeout=60)[1]
    assert f"http://127.0.0.1:{port}/docs" in said
    # make tells the code of its recipe, and then ends by the signal.
    assert "Error 130" in said
    assert running.returncode == -signal.SIGINT
    assert docker("ps", "-aq", "--filter", f"name={name}") == ""


def hear_interrupts() -> None:
    """A shell may have started us with SIGINT ignored, which every child inherits."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
