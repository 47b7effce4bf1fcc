"""The stages, once, in their order. Every runner calls ``command(name)`` and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from layerctl.errors import LayerctlError
from pipeline import image, release, scan, sign, smoke, verify
from pipeline.errors import OrderError
from pipeline.place import Place, commit
from pipeline.state import State, read, write

PROGRAM = "layer3-pipelines/bin/pipeline"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step; ``run`` changes the state and says in a few words what it found.

    Attributes:
        touches: it changes what runs, so that a failure has to be taken back.
    """

    name: str
    run: Callable[[Place, State], str]
    touches: bool = False


# region: stages
STAGES = (
    Stage("test", verify.run),
    Stage("build", image.build),
    Stage("scan", scan.run),
    Stage("sign", sign.run),
    Stage("push", image.push),
    Stage("deploy", release.deploy, touches=True),
    Stage("smoke", smoke.run, touches=True),
    Stage("promote", release.promote, touches=True),
)
# endregion
ROLLBACK = Stage("rollback", release.rollback)
NAMES = tuple(stage.name for stage in STAGES)
BY_NAME = {stage.name: stage for stage in (*STAGES, ROLLBACK)}


def command(name: str) -> str:
    """What a runner types."""
    return f"{PROGRAM} {name}"


def begin(place: Place, name: str) -> State:
    """The state that a stage starts from; the first stage starts a new one.

    Raises:
        OrderError: an earlier stage has not passed, for this commit.
    """
    if name == NAMES[0]:
        return State(commit(place))
    state = read(place.state)
    if name == ROLLBACK.name:
        return state
    for earlier in NAMES[: NAMES.index(name)]:
        if earlier not in state.passed:
            raise OrderError(
                f"{name} comes after {earlier}, which has not passed", command(earlier)
            )
    return state


def run(place: Place, name: str) -> str:
    """Run one stage and note how it went; what it said.

    Raises:
        LayerctlError: it failed; the state says which stage.
    """
    stage, started = BY_NAME[name], time.monotonic()
    state = begin(place, name)
    try:
        said = stage.run(place, state)
    except LayerctlError:
        state.failed = name
        raise
    else:
        state.passed.append(name)
        return said
    finally:
        state.seconds[name] = round(time.monotonic() - started, 1)
        write(place.state, state)
