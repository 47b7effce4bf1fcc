"""The proof of 3.3: four pushes under load, and an image that nobody signed."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from main_job.processes import Stopped
from main_job.steps import Steps
from on_kind import traffic
from on_kind.traffic import Tally

from layerctl import engines, environments
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.evidence import Evidence
from layerctl.labels import call, label
from layerctl.paths import RUN
from pipeline import desk, image, release, repository, state
from pipeline.desk import Desk, Push
from pipeline.errors import RefusedError
from pipeline.place import Place
from pipeline.state import Release
from pipeline.target import REPLICAS, Target, target

COMMAND = "make -C layer3-pipelines delivery"
HOME = RUN / "delivery-proof"
STEPS = 6


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a first push and one under load left; the tests go on from there."""

    place: Place
    desk: Desk
    first: Release
    live: Release
    push: Push
    tally: Tally

    @property
    def to(self) -> Target:
        """Where they went."""
        return target(self.place)


def fresh(place: Place) -> Desk:
    """An empty target and repository, and a clone that nothing was pushed from yet."""
    if (place.home / "env").exists():
        target(place).stack.down()
    shutil.rmtree(place.home, ignore_errors=True)
    repository.make(place)
    return desk.open_desk(place)


@contextlib.contextmanager
def loaded(to: Target) -> Iterator[Tally]:
    """Requests through the proxy for as long as the block takes."""
    with traffic.during(url=to.url, writes=to.token) as tally:
        yield tally


def served(place: Place) -> str:
    """The image that every replica runs.

    Raises:
        LayerctlError: they differ.
    """
    to = target(place)
    found = {to.image_id(replica) for replica in REPLICAS}
    if len(found) != 1:
        raise LayerctlError(f"the replicas run different images: {sorted(found)}")
    return found.pop()


def passed(push: Push, place: Place) -> Release:
    """What a good push leaves: it is live, and what was built is what runs.

    Raises:
        LayerctlError: it was refused, or something else runs.
    """
    live = state.live(place.live)
    if push.code or live is None or live.commit != push.commit:
        raise LayerctlError(f"the push was refused:\n{push.said}")
    if served(place) != live.image_id:
        raise LayerctlError(f"{served(place)} runs, {live.image_id} was built")
    return live


def refused(push: Push, place: Place, before: Release, stage: str) -> None:
    """What a refused push leaves: it stopped at its stage, and the old release serves.

    Raises:
        LayerctlError: it went through, stopped elsewhere, or left something behind.
    """
    run = state.read(place.state)
    if push.code == 0 or run.failed != stage:
        raise LayerctlError(f"stopped at '{run.failed}', want '{stage}':\n{push.said}")
    if state.live(place.live) != before or served(place) != before.image_id:
        raise LayerctlError(f"{before.name} does not serve any more:\n{push.said}")
    to = target(place)
    if to.container("candidate"):
        raise LayerctlError("the candidate was left running")
    if repository.git("-C", str(repository.bare(place)), "rev-parse", "main") != before.commit:
        raise LayerctlError("main has moved")


def unsigned(place: Place, live: Release) -> str:
    """Push an image past the pipeline, and ask deploy for it; why it was refused.

    Raises:
        LayerctlError: it was not.
    """
    made = f"six-layers/delivery:unsigned-{live.name}"
    command = ["docker", "build", "-q", "-t", made, "--label", label(), "-"]
    given = f"FROM {live.image}\nLABEL changed=yes\n"
    subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.DEVNULL)
    other = image.pushed(made, f"{live.image.partition('@')[0]}:unsigned")
    try:
        release.trusted(place, other)
    except RefusedError as error:
        return str(error)
    raise LayerctlError(f"{other} is unsigned and would have been deployed")


def built(commit: str) -> bool:
    """Whether an image of a commit is here."""
    found = call(
        "docker", "images", "-q", "--filter", f"label=org.opencontainers.image.revision={commit}"
    )
    return bool(found.strip())


def tell(place: Place, facts: dict[str, Any]) -> None:
    """The whole story.

    Raises:
        LayerctlError: a claim does not hold.
    """
    steps = Steps(STEPS)
    at = fresh(place)
    with steps.step("first") as said:
        live = passed(at.push(), place)
        facts["seconds_first"] = state.read(place.state).seconds
        said.append(f"{live.name} serves, built once: {live.image_id[7:19]}")
    to = target(place)
    with steps.step("good") as said, loaded(to) as tally:
        at.change("good")
        live = passed(at.push(), place)
        facts["seconds_warm"] = state.read(place.state).seconds
        said.append(f"{live.name} serves, replaced one replica at a time")
    facts["image"], facts["good"] = live.image, counted("good", tally)
    with steps.step("failing") as said:
        commit = at.change("failing")
        refused(at.push(), place, live, "test")
        if built(commit):
            raise LayerctlError("its tests fail, and it was built")
        at.back()
        said.append("stopped at test, nothing was built")
    with steps.step("bad") as said, loaded(to) as tally:
        at.change("bad")
        refused(at.push(), place, live, "smoke")
        facts["seconds_rolled_back"] = state.read(place.state).seconds
        at.back()
        said.append(f"stopped at smoke, rolled back: {live.name} serves")
    facts["bad"] = counted("bad", tally)
    with steps.step("unsigned") as said:
        facts["unsigned"] = unsigned(place, live)
        said.append("an image without a signature is refused")
    with steps.step("load") as said:
        sent = facts["good"]["requests"] + facts["bad"]["requests"]
        said.append(f"{sent:,} requests during both deployments, 0 failed")


def counted(what: str, tally: Tally) -> dict[str, int]:
    """The requests of a deployment.

    Raises:
        LayerctlError: one failed, or none was sent.
    """
    if tally.failed or not tally.requests:
        raise LayerctlError(f"{what}: {tally.failed} of {tally.requests} failed: {tally.why}")
    return {"requests": tally.requests, "failed": tally.failed}


def main() -> int:
    """Tell the story and keep its figures; the exit code."""
    evidence = Evidence("3.3", COMMAND, engine="docker")
    place = Place(HOME)
    code = 1
    try:
        if reason := engines.absent("docker"):
            raise MissingError(reason)
        environments.setup(["api"], level="run", check=False)
        tell(place, evidence.facts)
        evidence.save("passed")
        code = 0
    except LayerctlError as error:
        say(f"delivery: {error}")
        evidence.save("skipped" if isinstance(error, MissingError) else "failed")
        code = error.exit_code
    except Stopped as stop:
        say("\ndelivery: stopped")
        code = stop.code
    finally:
        if (place.home / "env").exists():
            target(place).stack.down()
    return code
