"""The parts of the driver that need no engine."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from stack import __main__ as command
from stack import memory, settings
from stack.compose import Stack, settled
from stack.web import ask

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT


def test_secrets_are_made_once_and_only_their_owner_gets_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    settings.make_secrets(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    settings.make_secrets(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert folder.stat().st_mode & 0o777 == 0o700
    # Root could write the others too, and would not notice that a user cannot.
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert len(set(first.values())) == 6
    assert first["postgres_password"].strip() in first["database_url"]


def test_a_port_that_is_taken_is_replaced_and_a_given_one_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        monkeypatch.setattr(settings, "PORTS", {"HOP_PORT": port, "JUPYTER_PORT": port})
        monkeypatch.setenv("JUPYTER_PORT", str(port))
        monkeypatch.delenv("HOP_PORT", raising=False)
        chosen = settings.choose_ports(usual=True)
    assert chosen["HOP_PORT"] != str(port)
    assert chosen["JUPYTER_PORT"] == str(port)
    assert f"port {port} is taken" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("service", "state", "health", "code", "wanted"),
    [
        ("hop-1", "running", "healthy", 0, True),
        ("hop-1", "running", "starting", 0, False),
        ("hop-1", "exited", "", 0, False),
        ("collector", "running", "", 0, True),
        ("migrate", "exited", "", 0, True),
        ("migrate", "exited", "", 75, False),
        ("migrate", "restarting", "", 75, False),
    ],
)
def test_settled(service: str, state: str, health: str, code: int, wanted: bool) -> None:
    found = {"Service": service, "State": state, "Health": health, "ExitCode": code}
    assert settled(found) is wanted


def test_memory_is_in_megabytes_and_peaks_stay() -> None:
    assert memory.megabytes("1GiB") == pytest.approx(1073.741824)
    assert memory.megabytes("512KiB") == pytest.approx(0.524288)
    seen = memory.Memory()
    for etl, hop in ((500.0, 50.0), (100.0, 60.0)):
        seen.note({"etl": (etl, 1000.0), "hop-1": (hop, 72.0)})
    assert (seen.peak_mb, seen.by_service) == (550.0, {"etl": 500.0, "hop-1": 60.0})
    assert seen.table() == {"etl": "500.0 of 1000.0", "hop-1": "60.0 of 72.0"}


def test_a_limit_leaves_room_above_the_peak() -> None:
    seen = memory.Memory()
    with pytest.raises(LayerctlError, match="no sample"):
        memory.fits(seen)
    for sample in ((60.0, 72.0), (0.0, 0.0)):  # the last of a container that has just ended
        seen.note({"hop-1": sample})
    memory.fits(seen)
    seen.note({"hop-1": (60.1, 72.0)})
    with pytest.raises(LayerctlError, match=r"hop-1 took 60\.1 MB of 72\.0: too little"):
        memory.fits(seen)


def test_the_small_profile_may_take_so_much_and_no_more() -> None:
    memory.within(1500.0, ("min",))
    memory.within(1500.1, ("full", "grafana"))
    with pytest.raises(LayerctlError, match="profile min took 1501 MB, may take 1500"):
        memory.within(1501.0, ("min",))


def test_an_unknown_profile_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROFILE", "medium")
    assert command.main(["3.2"]) == 2
    assert "no profile 'medium'" in capsys.readouterr().err


def test_without_docker_the_stack_says_so_and_its_help_needs_none() -> None:
    def run(word: str) -> tuple[int, str]:
        env = os.environ | {"DOCKER_HOST": "unix:///nowhere"}
        command = [str(ROOT / "layer3-pipelines/bin/stack"), word]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run("up") == (69, "stack: no Docker engine answers. Next: .ci/engines/docker-up\n")
    code, said = run("--help")
    assert (code, "Exit codes: 0 done, 1 failed" in said) == (0, True)
    assert run("3.9")[0] == 2


def test_taking_down_what_was_never_up_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "stop_on_signals", lambda: None)
    monkeypatch.setattr(command, "Stack", functools.partial(Stack, home=tmp_path))
    assert command.main(["down"]) == 0
    assert capsys.readouterr().out == "nothing of the stack is here\n"


@pytest.fixture
def receiver() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    code = (ROOT / "layer3-pipelines/config/webhook/receiver.py").read_text()
    port = settings.any_port()
    program = [sys.executable, "-c", code.replace("PORT = 8080", f"PORT = {port}")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while ask(f"{url}/healthz").status != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        yield url, process
        process.kill()


def test_the_receiver_counts_alerts_and_refuses_what_is_none(
    receiver: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = receiver
    alert = {"labels": {"alertname": "Heartbeat"}, "status": "firing"}
    assert ask(f"{url}/alerts", method="POST", body={"alerts": [alert]}).status == 200
    assert ask(f"{url}/alerts", method="POST", body={"alert": 1}).status == 400
    assert b'{alertname="Heartbeat",status="firing"} 1\n' in ask(f"{url}/metrics").body
    assert ask(f"{url}/else").status == 404
    process.kill()
    out, _ = process.communicate()
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["alert", "refused"]


def test_alerts_that_come_together_are_a_line_each(
    receiver: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = receiver
    alert = {"labels": {"alertname": "Heartbeat"}, "status": "firing"}

    def post(_: int) -> int:
        return ask(f"{url}/alerts", method="POST", body={"alerts": [alert] * 40}).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(8))) == {200}
    process.kill()
    out, _ = process.communicate()
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["Heartbeat"] * 320
