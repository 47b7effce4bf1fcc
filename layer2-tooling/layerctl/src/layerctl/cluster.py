"""This checkout's kind cluster rests while unused: empty and idle, it takes a sixth of a core."""

from __future__ import annotations

from layerctl import labels
from layerctl.paths import checkout_id

NAME = f"six-layers-{checkout_id()}"


def nodes(status: str) -> list[str]:
    """Ids of the nodes in a state of Docker's, ``running`` or ``paused``; none without Docker."""
    if not labels.docker_answers():
        return []
    asked = (f"label=io.x-k8s.kind.cluster={NAME}", f"status={status}")
    return labels.call("docker", "ps", "-q", *(f"--filter={one}" for one in asked)).split()


def pause() -> None:
    """Stop all of its processes where they are.

    Raises:
        LayerctlError: Docker cannot.
    """
    if found := nodes("running"):
        labels.call("docker", "pause", *found)


def resume() -> None:
    """Let them go on.

    Raises:
        LayerctlError: Docker cannot.
    """
    if found := nodes("paused"):
        labels.call("docker", "unpause", *found)
