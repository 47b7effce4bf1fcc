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


def timer_fired(timer: str, limit_s: float, *, on: Sequence[str] = ()) -> float:
    """Wait for a systemd timer's first run to succeed.

    Args:
        timer: the unit, for example ``etl.timer``.
        limit_s: seconds to wait at most.
        on: the command that reaches the host, for example ``("docker", "exec", NAME)``.

    Raises:
        LayerctlError: it has not fired in time, or what it started failed.
    """

    def show(unit: str, name: str) -> str:
        command = [*on, "systemctl", "show", unit, "--property", name, "--value"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    # Before its first run a timer's LastTriggerUSec is empty.
    seconds = until(
        f"the first run of {timer}", lambda: bool(show(timer, "LastTriggerUSec")), limit_s
    )
    service = show(timer, "Unit")
    until(
        f"the end of {service}",
        lambda: show(service, "ActiveState") not in ("activating", "active"),
        limit_s,
    )
    if (result := show(service, "Result")) != "success":
        raise LayerctlError(f"{timer} fired, and {service} ended with '{result}'")
    return seconds
