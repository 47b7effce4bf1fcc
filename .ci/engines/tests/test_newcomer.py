"""The machine on which a newcomer types the README's commands: what it has, and what it lacks."""

from __future__ import annotations

import os
import subprocess

import pytest

from layerctl.engines import environment
from layerctl.paths import ROOT

pytestmark = pytest.mark.docker
LACKS = ("java", "docker", "curl", "jq", "gcc", "psql", "sudo")
LOOK = f"""
id -u
python3 -c 'import sys; print(*sys.version_info[:2], sep=".")'
git status --porcelain --branch
for name in make git {" ".join(LACKS)}; do command -v "$name"; done
:
"""


def typed(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci/newcomer", *command],
        env=os.environ | environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_a_newcomer_has_what_the_readme_asks_for_and_nothing_else() -> None:
    done = typed("bash", "-c", LOOK)
    assert done.returncode == 0, done.stderr
    user, python, branch, *programs = done.stdout.splitlines()
    assert user != "0"
    assert python == "3.11"
    assert branch.startswith("## ")
    assert programs == ["/usr/bin/make", "/usr/bin/git"]


def test_make_doctor_works_there_and_says_what_is_missing() -> None:
    done = typed("make", "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "docker" in done.stdout


@pytest.mark.parametrize(("command", "code"), [(("make", "layer33"), 2), (("false",), 1)])
def test_a_command_that_fails_there_is_red_here(command: tuple[str, ...], code: int) -> None:
    """The negative control."""
    assert typed(*command).returncode == code
