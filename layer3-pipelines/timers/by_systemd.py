"""What systemd does with a job that overlaps, that eats memory, and that may do too much."""

from __future__ import annotations

import re

from layerctl.errors import LayerctlError
from layerctl.waits import until
from timers import standins
from timers.host import Host
from timers.standins import Runs

UNITS = "/etc/systemd/system"
REGION = re.compile(r"^# region: hardening\n.*?^# endregion$", re.DOTALL | re.MULTILINE)
# 2.5 s of work every second: without a rule against it, three would run together.
EVERY_SECOND = "[Timer]\nOnCalendar=*-*-* *:*:*\nAccuracySec=100ms\n"
BUSY = f"[Service]\nType=oneshot\nExecStart={standins.PROGRAM} systemd 2.5\n"


def overlap(host: Host) -> Runs:
    """A timer that elapses while its job still runs."""
    host.write(f"{UNITS}/standin.timer", EVERY_SECOND)
    host.write(f"{UNITS}/standin.service", BUSY)
    host.sh("systemctl daemon-reload; systemctl start standin.timer")
    until("two runs of a stand-in", lambda: standins.runs(host, "systemd").ended >= 2, 20)
    host.sh(f"""
systemctl stop standin.timer standin.service
rm {UNITS}/standin.timer {UNITS}/standin.service
systemctl daemon-reload""")
    return standins.runs(host, "systemd")


def memory(host: Host) -> str:
    """How a job ends that takes three times its limit."""
    limits = ("-p", "MemoryMax=100M", "-p", "MemorySwapMax=0")
    start = ("systemd-run", "--quiet", "--wait", "--unit", "hungry", *limits)
    host.run(*start, "sh", "-c", f"exec {standins.hungry('systemd-ate')}", codes=(0, 1, 137, 255))
    result = host.show("hungry.service", "Result")
    host.run("systemctl", "reset-failed", "hungry.service", codes=(0, 1))
    return result


def exposure(host: Host, unit: str, *, without_hardening: bool = False) -> float:
    """systemd's own score for an installed unit: 0 is none, 10 is all that root may.

    Raises:
        LayerctlError: it gives none.
    """
    command = ("systemd-analyze", "security", "--no-pager", "--offline=true")
    path = f"{UNITS}/{unit}"
    if without_hardening:
        # Under a name of its own, or systemd takes the installed one.
        bare = f"/tmp/bare-{unit}"  # noqa: S108 - on the host in the container
        host.write(bare, REGION.sub("", host.run("cat", path)))
        path = bare
    said = host.run(*command, path)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    if found is None:
        raise LayerctlError(f"systemd-analyze gives {unit} no score: {said[-200:]}")
    return float(found[1])
