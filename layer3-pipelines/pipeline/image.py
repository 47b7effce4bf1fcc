"""Stages ``build`` and ``push``: one build a commit; whatever happens later is about its id."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stack.settings import any_port, free

from layerctl.errors import LayerctlError, MissingError
from layerctl.labels import call, label
from layerctl.paths import ROOT, RUN
from pipeline.place import Place
from pipeline.state import State
from pipeline.verify import environment

MISSING = 69
PORT = 5000
# A registry has no room beside an image; another name for it is what cosign uses too.
ATTACHED = "sha256-{}.att"
PARTS = ("statement.json", "statement.json.sig", "sbom.cdx.json")


def build(place: Place, state: State) -> str:
    """Build the image from the source; its id is the run's identity from here on."""
    state.tag = f"six-layers/delivery:{state.release.name}"
    options = [label(), f"org.opencontainers.image.revision={state.commit}"]
    command = [str(place.source / "layer2-tooling/api/image/build"), state.tag]
    # Given last, so they win: the source's own id and git would be those of a work tree.
    words = [word for each in options for word in ("--label", each)]
    words += ["--no-cache"] if os.environ.get("PIPELINE_COLD") == "1" else []
    done = subprocess.run([*command, *words], env=environment(place), stdout=subprocess.PIPE)
    if done.returncode:
        said = done.stdout.decode().strip()
        kind = MissingError if done.returncode == MISSING else LayerctlError
        raise kind(f"the image was not built{f': {said}' if said else ''}; its log is named above")
    state.image_id = identity(state.tag)
    return f"{state.tag} is {state.image_id[:19]}"


def identity(image: str) -> str:
    """The id of an image that is here."""
    return call("docker", "image", "inspect", "-f", "{{.Id}}", image).strip()


def files(image: str, folder: Path, *names: str) -> None:
    """Copy files out of an image that nobody runs.

    Raises:
        LayerctlError: it has no such file.
    """
    # A command that is never run: an image FROM scratch has none of its own.
    made = call("docker", "create", "--label", label(), image, "none").strip()
    try:
        for name in names:
            call("docker", "cp", f"{made}:{name}", str(folder / Path(name).name))
    finally:
        call("docker", "rm", "-f", made)


def registry() -> str:
    """The address of this checkout's registry, which is started if need be.

    Raises:
        MissingError: there is none, and this machine cannot run one.
    """
    config = RUN / "registry/config.yml"
    ports = [str(PORT) if free(PORT) else str(any_port())]
    if config.exists():
        # One that runs already keeps its port.
        ports.insert(0, config.read_text("utf-8").rpartition("127.0.0.1:")[2].split('"')[0])
    said = ""
    for port in ports:
        command = [str(ROOT / ".ci/engines/registry-up")]
        env = os.environ | {"REGISTRY_PORT": port}
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode == 0:
            return f"127.0.0.1:{port}"
        said = done.stdout.strip()
    raise MissingError(f"no registry: {said}")


def repository() -> str:
    """The name under which images are pushed."""
    return os.environ.get("PIPELINE_REPOSITORY") or f"{registry()}/hop"


def push(place: Place, state: State) -> str:
    """Push the image, then what was signed about it; from here on its digest is its name."""
    where = repository()
    state.image = pushed(state.tag, f"{where}:{state.release.name}")
    attach(place, state)
    return state.image


def pushed(tag: str, name: str) -> str:
    """Push an image under a name; the same by digest."""
    call("docker", "tag", tag, name)
    call("docker", "push", "-q", name)
    where = name.rpartition(":")[0]
    digests = json.loads(call("docker", "image", "inspect", "-f", "{{json .RepoDigests}}", name))
    found: list[str] = [each for each in digests if each.startswith(f"{where}@")]
    return found[0]


def attached(image: str) -> str:
    """The name of what was signed about an image, from its digest."""
    where, _, digest = image.partition("@sha256:")
    return f"{where}:{ATTACHED.format(digest)}"


def attach(place: Place, state: State) -> None:
    """Push statement, signature and bill of materials as an image of three files."""
    name = attached(state.image)
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            shutil.copyfile(place.run / part, Path(folder, part))
        Path(folder, "Dockerfile").write_text(f"FROM scratch\nCOPY {' '.join(PARTS)} /\n")
        env = os.environ | {"DOCKER_BUILDKIT": "1"}
        command = ["docker", "build", "-q", "--label", label(), "-t", name, folder]
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    call("docker", "push", "-q", name)


def fetch(image: str, folder: Path) -> bool:
    """Fetch what was signed about an image; False where the registry has nothing.

    Raises:
        LayerctlError: it has something else under that name.
    """
    try:
        call("docker", "pull", "-q", attached(image))
    except LayerctlError:
        return False
    files(attached(image), folder, *(f"/{part}" for part in PARTS))
    return True
