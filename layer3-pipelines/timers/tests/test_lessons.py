"""Every lesson says only what was seen, twice; one whose claim does not hold stops."""

from __future__ import annotations

import subprocess

import pytest

from layerctl.paths import ROOT, checkout_id

pytestmark = pytest.mark.systemd
LESSONS = ROOT / "layer3-pipelines/lessons"
HOST = f"six-layers-systemd-{checkout_id()}"
CHECKOUT = "/checkout/layer3-pipelines"
LIMIT_S = 600


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)


@pytest.mark.docker
@pytest.mark.parametrize("name", ["c3.1", "c3.2", "c3.9", "c3.10"])
def test_a_lesson_holds_and_leaves_nothing(name: str) -> None:
    done = run(str(LESSONS / "run"), name)
    assert done.returncode == 0, done.stdout + done.stderr
    left = "ls -d /run/systemd/system/lesson* /etc/cron.d/lesson /srv/report /tmp/tmp.*"
    assert run("docker", "exec", HOST, "sh", "-c", left).stdout == ""


@pytest.mark.docker
def test_a_lesson_whose_claim_does_not_hold_stops() -> None:
    """The negative control: process 1 is said to be something else."""
    wrong = f"{CHECKOUT}/lessons/c3.1-services.sh"
    edit = f"s|^is systemd |is upstart |; s|^source .*|source {CHECKOUT}/lessons/lesson.bash|"
    done = run("docker", "exec", HOST, "bash", "-c", f"sed '{edit}' {wrong} | bash")
    assert done.returncode == 1
    assert "this lesson expected: upstart" in done.stderr


def test_an_unknown_lesson_is_a_usage_error() -> None:
    for words in ((), ("c9.9",)):
        assert run(str(LESSONS / "run"), *words).returncode == 2
