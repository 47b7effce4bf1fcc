"""Stages ``deploy`` and ``promote``, and ``rollback``: by digest, one replica at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from layerctl.errors import LayerctlError
from layerctl.labels import call
from layerctl.waits import until
from pipeline import image, sign, verdict
from pipeline.errors import RefusedError
from pipeline.place import Place
from pipeline.state import Release, State, live, write
from pipeline.target import REPLICAS, Target, target

READY_S = 120.0  # a machine that also builds is slow; a healthy one needs 3
IN_ROTATION_S = 120.0


def trusted(place: Place, reference: str) -> str:
    """Pull an image by digest and check who signed it; its id.

    Raises:
        RefusedError: it has no digest, no signature, or not ours.
    """
    if "@sha256:" not in reference:
        raise RefusedError(f"{reference} names no digest: a tag may be another image tomorrow")
    call("docker", "pull", "-q", reference)
    found = image.identity(reference)
    with tempfile.TemporaryDirectory() as folder:
        if not image.fetch(reference, Path(folder)):
            raise RefusedError(f"{reference} has no signature in its registry")
        sign.check(Path(folder), place.signers, found)
    return found


def deploy(place: Place, state: State) -> str:
    """Start a candidate beside what serves: the proxy does not know it."""
    state.previous = live(place.live)
    if trusted(place, state.image) != state.image_id:
        raise RefusedError(f"{state.image} is not the image that was built")
    to = target(place)
    first = state.previous or state.release
    if state.previous is None:
        to = to.with_release(*REPLICAS, release=first)
    to = to.with_candidate(state.release)
    to.up("postgres", "proxy")
    # Expand and contract: the old release works on the new schema (pages/3.3-delivery.md).
    to.migrate()
    to.up("candidate")
    until("the candidate to be ready", lambda: to.ready("candidate"), READY_S)
    return (
        f"{state.release.name} runs beside {state.previous.name if state.previous else 'nothing'}"
    )


def promote(place: Place, state: State) -> str:
    """Replace one replica, judge it by what the proxy saw, replace the other.

    Raises:
        SpentError, NoDataError: the verdict; LayerctlError: a replica runs something else.
    """
    to, said = target(place), "the first release"
    for replica in REPLICAS:
        to = replace(to, replica, state.release)
        if replica == REPLICAS[0] and state.previous:
            said = verdict.judge(to, replica, place.run)
    to.remove("candidate")
    for replica in REPLICAS:
        if to.image_id(replica) != state.image_id:
            raise LayerctlError(f"{replica} runs {to.image_id(replica)}, built: {state.image_id}")
    write(place.live, state.release)
    image.pushed(state.image, f"{state.image.partition('@')[0]}:current")
    return f"{state.release.name} serves at {to.url}; {said}"


def replace(to: Target, replica: str, release: Release) -> Target:
    """Give one replica a release, and wait until the proxy sends to it again.

    Compose stops the old container first: it drains, and the other replica serves meanwhile.
    """
    to = to.with_release(replica, release=release)
    to.up(replica)
    until(f"{replica} to be ready", lambda: to.ready(replica), READY_S)
    until(f"the proxy to send to {replica}", lambda: to.in_rotation(replica), IN_ROTATION_S)
    return to


def rollback(place: Place, state: State) -> str:
    """Bring back what was live, wherever something else runs, and take the candidate away."""
    to, done = target(place), list[str]()
    to.remove("candidate")
    if state.previous is None:
        to.remove(*REPLICAS)
        place.live.unlink(missing_ok=True)
        return "there was nothing to go back to: nothing serves"
    for replica in REPLICAS:
        if to.image_id(replica) != state.previous.image_id or not to.ready(replica):
            replace(to, replica, state.previous)
            done.append(replica)
        to = to.with_release(replica, release=state.previous)
    write(place.live, state.previous)
    changed = f"replaced {', '.join(done)}" if done else "no replica had been replaced"
    return f"{state.previous.name} serves; {changed}"
