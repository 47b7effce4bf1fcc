"""Docker from Python: what runs carries this checkout's label and goes away afterwards."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

from layerctl import engines
from layerctl.labels import label
from layerctl.paths import ROOT

IMAGE = ROOT / "layer2-tooling/api/image"
PYTHON = "/app/bin/python"
LIMIT_S = 30.0


class DockerError(Exception):
    """A command failed; the message is what it said."""


def call(*command: str, limit_s: float = 900) -> subprocess.CompletedProcess[str]:
    """Run a command with the engines' programs on its PATH."""
    env = os.environ | engines.environment()
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=limit_s, check=False
    )


def docker(*arguments: str) -> str:
    """What a command of Docker's prints.

    Raises:
        DockerError: it failed.
    """
    done = call("docker", *arguments)
    if done.returncode:
        raise DockerError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def build(*arguments: str) -> str:
    """Build hop's image; its tag.

    Raises:
        DockerError: the build failed.
    """
    done = call(str(IMAGE / "build"), *arguments)
    if done.returncode:
        raise DockerError(f"{done.stdout}{done.stderr}".strip())
    return done.stdout.split()[-1]


def confined() -> list[str]:
    """The options of ``image/run`` that confine a container."""
    return call(str(IMAGE / "run"), "--flags").stdout.split()


def new_name() -> str:
    """A name that nothing has yet."""
    return f"six-layers-{uuid.uuid4().hex[:8]}"


@contextlib.contextmanager
def thing(kind: str) -> Iterator[str]:
    """A volume or a network of its own."""
    name = new_name()
    docker(kind, "create", "--label", label(), name)
    try:
        yield name
    finally:
        docker(kind, "rm", name)


@contextlib.contextmanager
def container(image: str, *words: str, options: tuple[str, ...] = ()) -> Iterator[str]:
    """A running container."""
    name = new_name()
    docker("run", "-d", "--name", name, "--label", label(), *options, image, *words)
    try:
        yield name
    finally:
        docker("rm", "-f", "-v", name)


def once(image: str, *words: str, options: tuple[str, ...] = ()) -> str:
    """What a container prints that ends by itself."""
    return docker("run", "--rm", "--label", label(), *options, image, *words)


@contextlib.contextmanager
def serving(image: str, *options: str, volume: str = "") -> Iterator[tuple[str, str]]:
    """hop in a container, its database migrated: name and URL, once it is ready."""
    with contextlib.ExitStack() as stack:
        mount = ("-v", f"{volume or stack.enter_context(thing('volume'))}:/data")
        once(image, "migrate", options=mount)
        given = (*mount, "-e", "HOP_TOKEN=test", "-p", "127.0.0.1::8000", *options)
        name = stack.enter_context(container(image, options=given))
        url = "http://" + docker("port", name, "8000").splitlines()[0]
        wait_ready(url)
        yield name, url


def status(url: str) -> int:
    """The status of one GET; 0 without an answer."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_ready(url: str) -> None:
    """Wait until /readyz answers 200.

    Raises:
        DockerError: it did not within 30 seconds.
    """
    deadline = time.monotonic() + LIMIT_S
    while status(f"{url}/readyz") != 200:
        if time.monotonic() > deadline:
            raise DockerError(f"{url}/readyz is not 200 after {LIMIT_S:.0f} s")
        time.sleep(0.02)
