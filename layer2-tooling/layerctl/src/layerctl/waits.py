"""Wait for something on an engine: every wait says for what and how long, and can fail."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence

from layerctl.console import say
from layerctl.errors import LayerctlError

PAUSE_S = 0.25


def until(what: str, probe: Callable[[], bool], limit_s: float) -> float:
    """Call ``probe`` until it says yes; the seconds that took.

    Raises:
        LayerctlError: it did not say yes within ``limit_s`` seconds.
    """
    say(f"waiting for {what}, at most {limit_s:.0f} s")
    started = time.monotonic()
    while not probe():
        if time.monotonic() - started > limit_s:
            raise LayerctlError(f"{what}: did not happen within {limit_s:.0f} s")
        time.sleep(PAUSE_S)
    return time.monotonic() - started


def timer_fired(
    timer: str, limit_s: float, *, on: Sequence[str] = (), scope: str = "--system"
) -> float:
    """Wait until the first run since boot of what a systemd timer starts has succeeded.

    Args:
        timer: the unit, for example ``etl.timer``.
        limit_s: seconds to wait at most.
        on: the command that reaches the host, for example ``("docker", "exec", NAME)``.
        scope: ``--user`` for a timer of a user's own systemd.

    Raises:
        LayerctlError: it has not fired in time, or what it started failed.
    """

    def show(unit: str, name: str) -> str:
        command = [*on, "systemctl", scope, "show", unit, "--property", name, "--value"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    service = show(timer, "Unit")
    # Not the timer's LastTriggerUSec: one with Persistent= remembers its last run over a reboot.
    seconds = until(
        f"the first run of {timer}",
        lambda: show(service, "InactiveExitTimestampMonotonic") not in ("", "0"),
        limit_s,
    )
    until(
        f"the end of {service}",
        lambda: show(service, "ActiveState") not in ("activating", "active"),
        limit_s,
    )
    if (result := show(service, "Result")) != "success":
        raise LayerctlError(f"{timer} fired, and {service} ended with '{result}'")
    return seconds
