"""``python -m stack 3.2`` or ``3.5``: bring the stack up, prove it, take it down.

Exit codes: 0 proven, 1 not, 2 usage, 69 no Docker, 130 and 143 stopped by a signal.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from main_job.processes import Stopped, stop_on_signals

from layerctl.console import say
from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence
from layerctl.paths import RUN
from stack import observe, run
from stack.compose import NAME, Stack, prepare

PROOFS: dict[str, Callable[[Stack], dict[str, Any]]] = {"3.2": run.prove, "3.5": observe.prove}

COMMANDS = {
    "3.2": "make -C layer3-pipelines compose",
    "3.5": "make -C layer3-pipelines signals",
}


def keep() -> bool:
    """Whether the stack is to stay up."""
    return os.environ.get("KEEP") == "1"


def show(stack: Stack) -> None:
    """Where to look, and how to stop."""
    places = {"hop": "HOP_PORT", "notebook": "JUPYTER_PORT"}
    if "full" in stack.profiles:
        places |= {"Prometheus": "PROMETHEUS_PORT", "Alertmanager": "ALERTMANAGER_PORT"}
    if "grafana" in stack.profiles:
        places["Grafana"] = "GRAFANA_PORT"
    for name, variable in places.items():
        print(f"{name:<13} {stack.url(variable)}")
    print(f"Tokens        {stack.home / 'secrets'}")
    print("Stop          make -C layer3-pipelines compose-down")


def prove(name: str, stack: Stack) -> int:
    """Run one proof and keep its figures."""
    evidence = Evidence(name, COMMANDS[name], engine="docker")
    code = 1
    try:
        evidence.facts = PROOFS[name](stack)
        evidence.save("passed")
        code = 0
        for fact, value in evidence.facts.items():
            print(f"  {fact}: {value}")
    except LayerctlError as error:
        say(f"{name}: {error}")
        evidence.save("failed")
    except Stopped as stop:
        say(f"\n{name}: stopped")
        code = stop.code
    finally:
        if keep():
            show(stack)
        else:
            stack.down()
    return code


def main(argv: list[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=(*PROOFS, "up", "down"))
    what = parser.parse_args(argv).what
    profile = os.environ.get("PROFILE") or "full"
    if profile not in ("min", "full"):
        say(f"stack: no profile '{profile}'. Profiles: min, full")
        return 2
    stop_on_signals()
    try:
        if what == "down":
            stack = Stack()
            if not (stack.home / "env").exists():
                print("nothing of the stack is here")
                return 0
            stack.down()
            return 0
        if what == "3.5":
            # Its faults fill disks, and it leaves nothing: so it has a project of its own.
            home, name = RUN / "compose-signals", f"{NAME}-signals"
            stack = prepare(
                profiles=("full",), name=name, home=home, more=(observe.SMALL,), usual_ports=False
            )
        else:
            stack = prepare(profiles=(profile,))
        if what != "up":
            return prove(what, stack)
        print(f"all healthy after {run.up(stack)} s")
        show(stack)
    except LayerctlError as error:
        say(f"stack: {error}")
        return error.exit_code
    except Stopped as stop:
        return stop.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
