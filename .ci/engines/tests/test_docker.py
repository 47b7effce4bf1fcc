"""The Docker engine, Compose and the registry work, and their checks go red on a planted fault."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl.engines import environment
from layerctl.paths import ROOT, checkout_id, toolchain

pytestmark = pytest.mark.docker
IMAGE = toolchain()["SYSTEMD_IMAGE"]
FIXTURES = Path(__file__).parent / "fixtures"
# Where no systemd weighs each container by itself.
TOGETHER = Path("/sys/fs/cgroup/cpu/docker/cpu.shares")


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | environment() | variables
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def image() -> str:
    done = run(str(ROOT / ".ci/engines/base-image"), IMAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    return IMAGE


@pytest.fixture
def project(image: str) -> Iterator[tuple[str, ...]]:
    name = f"six-layers-test-{uuid.uuid4().hex[:8]}"
    os.environ.update(IMAGE=image, CHECKOUT=checkout_id())
    compose = ("docker", "compose", "-p", name, "-f", str(FIXTURES / "health.yaml"))
    yield compose
    run(*compose, "down", "--timeout", "1", "--volumes")


@pytest.mark.parametrize(("service", "ready"), [("healthy", True), ("never", False)])
def test_a_container_that_never_becomes_healthy_is_red(
    project: tuple[str, ...], service: str, ready: bool
) -> None:
    done = run(*project, "up", "--detach", "--wait", "--wait-timeout", "30", service)
    assert (done.returncode == 0) == ready, done.stderr
    assert ("unhealthy" in done.stderr) == (not ready)


def test_an_image_is_built_by_buildkit_and_its_failing_step_is_red(
    image: str, tmp_path: Path
) -> None:
    tag = f"six-layers/test:{uuid.uuid4().hex[:8]}"
    label = ("--label", f"six-layers={checkout_id()}")
    dockerfile = tmp_path / "Dockerfile"
    # The old builder refuses a mount.
    dockerfile.write_text(f"FROM {image}\nRUN --mount=type=cache,target=/kept touch /made\n")
    done = run("docker", "build", "-q", *label, "-t", tag, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert run("docker", "run", "--rm", tag, "test", "-e", "/made").returncode == 0
    run("docker", "rmi", tag)
    dockerfile.write_text(f"FROM {image}\nRUN exit 3\n")
    assert run("docker", "build", "-q", *label, "-t", tag, str(tmp_path)).returncode != 0


@pytest.fixture
def registry() -> str:
    """The address of our registry."""
    started = run(str(ROOT / ".ci/engines/registry-up"))
    if started.returncode == 69:
        pytest.skip(f"registry: {started.stdout.strip()}")
    return started.stdout.split()[0]


@pytest.fixture
def pushed(registry: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An image that only the registry has: its tag and its digest."""
    tag = f"{registry}/six-layers/test:{uuid.uuid4().hex[:8]}"
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY word /\n")
    (tmp_path / "word").write_text(tag)
    assert run("docker", "build", "-q", "-t", tag, str(tmp_path)).returncode == 0
    assert run("docker", "push", "-q", tag).returncode == 0
    form = "{{index .RepoDigests 0}}"
    digest = run("docker", "image", "inspect", "-f", form, tag).stdout.strip()
    run("docker", "rmi", tag)
    yield tag, digest
    run("docker", "rmi", tag, digest)


def test_the_registry_gives_back_by_digest_what_was_pushed(pushed: tuple[str, str]) -> None:
    _, digest = pushed
    assert run("docker", "pull", "-q", digest).returncode == 0
    other = digest[:-4] + ("0000" if not digest.endswith("0000") else "1111")
    assert run("docker", "pull", "-q", other).returncode != 0


def test_an_image_that_a_registry_has_is_taken_from_there(pushed: tuple[str, str]) -> None:
    tag, _ = pushed
    base_image = str(ROOT / ".ci/engines/base-image")
    assert run(base_image, tag).stdout == f"{tag} (official image)\n"
    missing = run(base_image, f"{tag}-missing")
    assert missing.returncode == 69
    assert "names no release to make it from. Next: docker pull" in missing.stdout


@pytest.mark.skipif(
    Path("/run/systemd/system").exists() or not TOGETHER.parents[1].joinpath("cpu.shares").exists(),
    reason="systemd, or cgroup v2, weighs containers here. Enable: boot without both",
)
def test_all_containers_together_weigh_more_than_one_process() -> None:
    assert int(TOGETHER.read_text()) > 1024
