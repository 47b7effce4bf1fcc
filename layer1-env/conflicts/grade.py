"""Does the lab's project run, and does its pip belong to its Python?"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

from conflicts.base import APP, Lab

EXPECTED = "hello 1.0"
LIMIT_S = 60


def in_shell(lab: Lab, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the reader's shell would, with the lab's settings."""
    script = f'source "$0/env.sh"; cd "$0/project" && {command}'
    return subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", script, str(lab.folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def last(done: subprocess.CompletedProcess[str]) -> str:
    """The line of an output that tells most."""
    lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
    telling = sorted(lines, key=lambda line: ("rror" not in line, "not " not in line))
    told = telling[0] if re.search("rror|not ", telling[0]) else lines[-1]
    return told.rpartition(": line 1: ")[2]


def grade(lab: Lab) -> str:
    """What is still broken, in one clause; nothing when it is repaired."""
    # Ours, so that nobody repairs the program instead of its environment.
    (lab.project / "app.py").write_text(APP)
    ran = in_shell(lab, "python app.py")
    if ran.stdout.strip() != EXPECTED:
        return f"python app.py says: {last(ran)}"
    pip = in_shell(lab, "pip --version")
    where = re.search(r" from (.+)/lib/python[^ ]* \(python", pip.stdout)
    prefix = in_shell(lab, "python -c 'import sys; print(sys.prefix)'").stdout.strip()
    if where is None or pip.returncode:
        return f"pip --version says: {last(pip)}"
    if Path(where.group(1)).resolve() != Path(prefix).resolve():
        return f"pip is that of {where.group(1)}, python that of {prefix}"
    for spec in lab.folder.glob("jupyter/kernels/*/kernel.json"):
        program = json.loads(spec.read_text())["argv"][0]
        kernel = in_shell(lab, f"{shlex.quote(program)} -c 'import labgreet'")
        if kernel.returncode:
            return f"{spec} starts {program}: {last(kernel)}"
    return ""
