"""Started in any order, with a database that is late: the stack finds together by itself."""

from __future__ import annotations

import time

from layerctl.labels import call
from layerctl.waits import until
from stack.compose import Stack
from stack.web import ask

LATE_S = 20.0
GOAL_S = 60.0  # on a machine with nothing else to do
LIMIT_S = 240.0


def late_database(stack: Stack, *, late_s: float = LATE_S, limit_s: float = LIMIT_S) -> float:
    """Start all containers against their order, and the database ``late_s`` after them.

    Returns:
        Seconds from the first start until all is settled and hop answers through the proxy.

    Raises:
        LayerctlError: that took more than ``limit_s``.
    """
    stack.run("up", "--no-start")
    found = {name: state["ID"] for name, state in stack.services().items()}
    database = found.pop("postgres")
    started = time.monotonic()
    # Not through Compose, which would hold back whoever depends on something that is not there.
    for name in sorted(found, reverse=True):
        call("docker", "start", found[name])
    time.sleep(max(0.0, late_s - (time.monotonic() - started)))
    call("docker", "start", database)
    left = limit_s - (time.monotonic() - started)
    until("all to be healthy", lambda: not stack.unsettled() and answers(stack), left)
    return round(time.monotonic() - started, 1)


def answers(stack: Stack) -> bool:
    """Whether hop and its database answer through the proxy."""
    return ask(f"{stack.url('HOP_PORT')}/healthz").status == 200
