"""Timers fire on the systemd host, and one that never does turns the check red."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from layerctl.errors import LayerctlError
from layerctl.paths import checkout_id
from layerctl.waits import timer_fired

pytestmark = pytest.mark.systemd
HOST = f"six-layers-systemd-{checkout_id()}"
ON = ("docker", "exec", HOST)
UNITS = "/run/systemd/system"
LIMIT_S = 8


def on_host(*command: str, given: str = "") -> str:
    whole = ["docker", "exec", "-i", HOST, *command]
    done = subprocess.run(
        whole, input=given, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.fixture
def timer() -> Iterator[str]:
    yield "planted.timer"
    on_host("systemctl", "stop", "planted.timer", "planted.service")
    on_host("systemctl", "reset-failed")
    on_host("rm", "-f", f"{UNITS}/planted.timer", f"{UNITS}/planted.service")
    on_host("systemctl", "daemon-reload")


def start(when: str, command: str) -> None:
    """Install a timer and its service, and start the timer."""
    text = {
        "planted.timer": f"[Timer]\n{when}\nAccuracySec=100ms\n",
        "planted.service": f"[Service]\nType=oneshot\nExecStart={command}\n",
    }
    for name, body in text.items():
        on_host("tee", f"{UNITS}/{name}", given=body)
    on_host("systemctl", "daemon-reload")
    on_host("systemctl", "start", "planted.timer")


def test_a_timer_fires_and_the_journal_has_what_it_did(timer: str) -> None:
    start("OnActiveSec=1s", "/bin/echo hello from the timer")
    timer_fired(timer, LIMIT_S, on=ON)
    assert "hello from the timer" in on_host("journalctl", "-u", "planted.service", "-o", "cat")


def test_a_timer_that_never_fires_is_red(timer: str) -> None:
    start("OnCalendar=2099-01-01", "/bin/true")
    with pytest.raises(LayerctlError, match=r"first run of planted\.timer: did not happen"):
        timer_fired(timer, 2, on=ON)


def test_a_timer_whose_service_fails_is_red(timer: str) -> None:
    start("OnActiveSec=1s", "/bin/false")
    with pytest.raises(LayerctlError, match=r"planted\.service ended with 'exit-code'"):
        timer_fired(timer, LIMIT_S, on=ON)
