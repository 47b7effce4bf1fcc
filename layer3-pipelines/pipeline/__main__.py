"""``layer3-pipelines/bin/pipeline STAGE | COMMAND``; its help has the list and the exit codes."""

from __future__ import annotations

import os
import sys

from main_job.processes import Stopped, stop_on_signals

from layerctl import engines
from layerctl.console import say
from layerctl.errors import LayerctlError, UsageError
from pipeline import repository, runner, stages, story
from pipeline.place import Place, commit, here
from pipeline.target import target

COMMANDS = ("run", "repository", "receive", "prove", "down")


def set_up(place: Place) -> int:
    """Make the repository and say how to use it."""
    path = repository.make(place)
    print(f"Repository    {path}")
    print(f"Add it        git remote add delivery '{path}'")
    print("Deliver       git push delivery HEAD:main")
    print(f"Token         {place.home / 'secrets/hop_token'}, once something is deployed")
    print("Stop          make -C layer3-pipelines delivery-down")
    return 0


def down(place: Place) -> int:
    """Remove what was deployed."""
    if (place.home / "env").exists():
        target(place).stack.down()
        (place.home / "live.json").unlink(missing_ok=True)
    else:
        print("nothing is deployed")
    return 0


def do(what: str) -> int:
    """One stage or command; the exit code.

    Raises:
        UsageError: there is no such thing.
        LayerctlError: it failed.
    """
    place = here()
    if what in stages.BY_NAME:
        print(f"{what}: {stages.run(place, what)}")
        return 0
    if what == "run":
        with repository.alone(place):
            return runner.run(place, commit(place))
    if what == "repository":
        return set_up(place)
    if what == "receive":
        return repository.receive(place, sys.stdin.read())
    if what == "prove":
        return story.main()
    if what == "down":
        return down(place)
    known = ", ".join((*stages.BY_NAME, *COMMANDS))
    raise UsageError(f"no stage or command '{what}'. There are: {known}")


def main(argv: list[str]) -> int:
    """Do what was asked for."""
    os.environ.update(engines.environment())
    stop_on_signals()
    try:
        if len(argv) != 1:
            raise UsageError("one stage or command", "layer3-pipelines/bin/pipeline --help")
        return do(argv[0])
    except LayerctlError as error:
        say(f"{argv[0] if argv else 'pipeline'}: {error}")
        return error.exit_code
    except Stopped as stop:
        return stop.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
