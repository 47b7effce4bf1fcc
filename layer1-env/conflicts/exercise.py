"""Go through one scenario as a reader would: break, diagnose, repair, and be graded twice."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass

from conflicts.__main__ import WHICH, make
from conflicts.base import Lab
from conflicts.grade import grade, in_shell
from conflicts.repairs import REPAIRS


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went; ``trouble`` and ``left`` are what the grader said, in one clause.

    Args:
        causes: what the diagnosis named, in its order.
    """

    trouble: str
    causes: tuple[str, ...]
    left: str
    causes_left: tuple[str, ...]


def diagnosed(lab: Lab) -> tuple[str, ...]:
    """The causes that ``layerctl which-python`` names in the lab's shell."""
    # The names of one project: what else this machine has on PATH is not the lab's.
    done = in_shell(lab, f"{shlex.quote(str(WHICH))} which-python --json python python3 pip")
    return tuple(problem["cause"] for problem in json.loads(done.stdout)["problems"])


def repair(lab: Lab, scenario: str) -> None:
    """Apply the known solution."""
    script = f"source ./env.sh\nset -e\nPYTHON={shlex.quote(sys.executable)}\n{REPAIRS[scenario]}"
    subprocess.run(
        ["bash", "--norc", "-c", script], cwd=lab.folder, check=True, capture_output=True, text=True
    )


def go_through(scenario: str) -> Outcome:
    """Break, grade, diagnose, repair, grade."""
    lab = make(scenario)
    trouble, causes = grade(lab), diagnosed(lab)
    repair(lab, scenario)
    return Outcome(trouble, causes, grade(lab), diagnosed(lab))
