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
    for words in ((), ("c9.9",), ("c3.1*",), ("../lessons/c3.4",)):
        done = run(str(LESSONS / "run"), *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"no lesson '{words[0] if words else ''}'" in done.stderr


def test_a_lesson_that_needs_no_host_runs_here() -> None:
    done = run(str(LESSONS / "run"), "c3.4")
    assert done.returncode == 0, done.stderr
    assert "# The stages." in done.stdout


@pytest.mark.parametrize("name", ["c3.1", "c3.6"])
def test_without_docker_a_lesson_names_what_it_needs(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    done = run(str(LESSONS / "run"), name)
    assert done.returncode == 69
    assert "no Docker engine answers" in done.stderr
