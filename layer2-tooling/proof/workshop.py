"""2.3, 2.4 and 2.5: what runs in the workshop's environment, and the commands themselves."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from layerctl.paths import ROOT

IN_ENV = ROOT / "layer2-tooling/workshop/bin/in-env"
COMPLETION = ROOT / "layer2-tooling/layerctl/completions/layerctl.bash"
ASK = 'source "$1"; COMP_WORDS=(layerctl ""); COMP_CWORD=1; _layerctl; echo "${COMPREPLY[*]}"'


def prove(what: str) -> dict[str, Any]:
    """Figures of ``workshop.prove``.

    Raises:
        AssertionError: it does not hold; the reason stands on the terminal.
    """
    command = [str(IN_ENV), "python", "-m", "workshop.prove", what]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{what}: exit {done.returncode}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def said(*command: str) -> str:
    """What a command prints.

    Raises:
        AssertionError: it failed.
    """
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def commands() -> dict[str, Any]:
    """Help that lists every target with a line of its own, completion, JSON and invoke's tasks."""
    targets = [line.split()[0] for line in said("make", "help-all").splitlines() if "  " in line]
    words = said("bash", "-c", ASK, "bash", str(COMPLETION)).split()
    doctor = json.loads(said("layer2-tooling/layerctl/layerctl", "doctor", "--json"))
    tasks = said(str(IN_ENV), "invoke", "--search-root", "layer2-tooling/workshop", "--complete")
    return {
        "make_targets": len(targets),
        "layerctl_commands_completed": len(words),
        "doctor_json_keys": len(doctor),
        "invoke_tasks": len(tasks.split()),
    }
