"""Set-up on clean roots, in containers: an ordinary user, no network, a folder with spaces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl.labels import label
from layerctl.paths import ROOT, RUN, checkout_id

pytestmark = pytest.mark.docker
BASE_IMAGE = ROOT / ".ci/engines/base-image"
DEVCONTAINER = ROOT / ".devcontainer"
# Debian's own Python needs its packages; the python image has one.
ROOTS = {
    "debian:bookworm-slim": "git make python3 python3-venv",
    "python:3.13-slim-trixie": "git make",
}
# Where no registry serves it, a stand-in of Debian's packages that says so in os-release and below.
FEDORA = "fedora:43"
# Other families: how each installs what a clean root lacks.
OTHERS = {
    "ubuntu:24.04": "apt-get update && apt-get install -y git make python3 python3-venv",
    FEDORA: "dnf -y install git make python3",
}
# Ubuntu's image has a user of this number already.
OTHER = "FROM {}\nRUN {} && (id 1000 || useradd --uid 1000 --create-home reader)\nUSER 1000\n"
SCRIPT = """set -e
sed -n 's/^PRETTY_NAME=//p' /etc/os-release
cd "$HOME/my clone"
layer1-env/bootstrap.sh --check slokit && exit 9
layer1-env/bootstrap.sh slokit
layer1-env/bootstrap.sh --check slokit
.run/venv/slokit/bin/slokit --version
id -u"""

ASK = """. /etc/os-release && echo "$ID"
rpm -qf --qf '%{NAME}\n' /usr/bin/make /usr/bin/env
[ -n "$(type -P apt apt-get dpkg dpkg-query; ls /etc/debian_version)" ] || echo no apt, no dpkg
readlink /usr/sbin /usr/bin/sh
rpm -e --nodeps make; rpm -q make || true"""


def call(*command: str | Path, given: str | None = None) -> str:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout and a cache that was filled here; what the containers get, and all they get."""
    place = tmp_path_factory.mktemp("carried")
    for folder in ("layer1-env", "layer2-tooling/layerctl"):
        ignore = shutil.ignore_patterns("__pycache__", ".*_cache", "tests", "lessons", "labs")
        shutil.copytree(ROOT / folder, place / "my clone" / folder, ignore=ignore)
    python = (RUN / "python").read_text().strip()
    env = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], "SIX_LAYERS_PYTHON": python}
    done = subprocess.run(
        [place / "my clone/layer1-env/bootstrap.sh", "slokit"],
        env=env | {"SIX_LAYERS_CACHE": str(place / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(place / "my clone/.run")
    # In the container it belongs to nobody that is there.
    call("chmod", "-R", "a+rwX", place)
    yield place
    call("rm", "-rf", place)


def image(base: str) -> str:
    """An image with Git, make, Python and an ordinary user on a base, with our label."""
    got = subprocess.run([BASE_IMAGE, base], capture_output=True, text=True, check=False)
    if got.returncode == 69:
        pytest.skip(f"{base}: {got.stdout.strip()}")
    assert got.returncode == 0, got.stderr
    print(got.stdout.strip())
    tag = f"six-layers/root-{base.partition(':')[0]}:{checkout_id()}"
    build = ["docker", "build", "-q", "--label", label(), "-t", tag]
    if base in OTHERS:
        call(*build, "-", given=OTHER.format(base, OTHERS[base]))
    else:
        arguments = [f"BASE={base}", f"PACKAGES={ROOTS[base]}"]
        call(*build, *(w for each in arguments for w in ("--build-arg", each)), DEVCONTAINER)
    return tag


def named(base: str) -> str:
    """A test's name promises no Fedora where its stand-in may answer."""
    return f"{base}-or-its-stand-in" if base == FEDORA else base


@pytest.mark.parametrize("base", [*ROOTS, *OTHERS], ids=named)
def test_an_ordinary_user_sets_up_offline_in_a_folder_with_spaces(
    base: str, carried: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(carried / "cache", cache, symlinks=True)
    call("chmod", "-R", "a+rwX", cache)
    mounts = ["-v", f"{carried}/my clone:/given:ro", "-v", f"{cache}:/cache"]
    env = ["-e", "SIX_LAYERS_CACHE=/cache"]
    run = ["docker", "run", "--rm", "--network", "none", "--label", label(), *mounts, *env]
    copy = 'cp -r /given "$HOME/my clone"\n'
    said = call(*run, image(base), "bash", "-c", copy + SCRIPT)
    print(f"{base}: {said.splitlines()[0]}")
    assert said.splitlines()[-2:] == ["slokit 0.1.0", "1000"]


def test_rpm_answers_in_the_fedora_like_root_and_no_apt_is_there() -> None:
    run = ["docker", "run", "--rm", "--network", "none", "--label", label(), "--user", "0"]
    told = call(*run, image(FEDORA), "bash", "-c", ASK).splitlines()
    assert told[:2] == ["fedora", "make"]
    assert told[2].startswith("coreutils")
    assert told[3:] == ["no apt, no dpkg", "bin", "bash", "package make is not installed"]


@pytest.mark.parametrize("base", ["python:3.13-slim-trixie", FEDORA], ids=named)
def test_control_without_the_carried_cache_it_fails_with_one_message(
    base: str, carried: Path
) -> None:
    mounts = ["-v", f"{carried}/my clone:/given:ro"]
    run = ["docker", "run", "--rm", "--network", "none", "--label", label(), *mounts]
    script = 'cp -r /given "$HOME/c"; cd "$HOME/c"; layer1-env/bootstrap.sh slokit'
    command = [*run, "-e", "PIP_RETRIES=0", image(base), "bash", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1
    assert "the package index does not answer" in done.stderr


def test_the_dev_container_is_that_image_and_runs_the_bootstrap() -> None:
    given = json.loads((DEVCONTAINER / "devcontainer.json").read_text())
    assert given["build"] == {"dockerfile": "Dockerfile"}
    assert given["postCreateCommand"].split()[0] == "layer1-env/bootstrap.sh"
    base = "python:3.13-slim-trixie"
    assert f"ARG BASE={base}\n" in (DEVCONTAINER / "Dockerfile").read_text()
    tag = image(base)
    run = ["docker", "run", "--rm", "--label", label(), "-v", f"{ROOT}:/workspace:ro", tag]
    said = call(*run, "bash", "-c", "cd /workspace && id -un && git --version && make help")
    assert said.startswith(f"{given['remoteUser']}\ngit version")
    assert "make doctor" in said
