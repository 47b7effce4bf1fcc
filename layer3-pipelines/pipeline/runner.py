"""The local runner: the commands that GitHub and Azure Pipelines call, one after the other."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from main_job.processes import Stopped

from layerctl.paths import ROOT
from pipeline import stages
from pipeline.place import Place

KEPT = 10


def environment(place: Place, commit: str) -> dict[str, str]:
    """What a stage is told; nothing of git's own variables, which a hook would pass on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "PIPELINE_HOME": str(place.home),
        "PIPELINE_SOURCE": str(place.source),
        "PIPELINE_COMMIT": commit,
    }


def stage(name: str, env: dict[str, str], tell: Callable[[str], None]) -> int:
    """Run one stage as a program of its own; its exit code."""
    tell(f"$ {stages.command(name)}\n")
    started = time.monotonic()
    with subprocess.Popen(
        stages.command(name).split(),
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            tell(line)
    code = process.returncode
    result = f"failed with {code}" if code else "passed"
    tell(f"{name} {result} after {time.monotonic() - started:.0f} s\n")
    return code


def take_back(env: dict[str, str], tell: Callable[[str], None]) -> None:
    """Roll back, and say aloud when that fails too: nobody else will."""
    if stage(stages.ROLLBACK.name, env, tell):
        tell(f"two releases may serve now. Next: {stages.command(stages.ROLLBACK.name)}\n")


def sequence(env: dict[str, str], tell: Callable[[str], None]) -> int:
    """Run the stages until one fails, and roll back what that one touched; its exit code, or 0."""
    for each in stages.STAGES:
        try:
            code = stage(each.name, env, tell)
        except Stopped:
            # Cut off between two replicas, it would leave two releases.
            if each.touches:
                take_back(env, tell)
            raise
        if code and each.touches:
            take_back(env, tell)
        if code:
            return code
    return 0


def run(place: Place, commit: str) -> int:
    """Run the pipeline for a commit; the exit code of the stage that failed, or 0.

    What it says goes to the terminal and into the run's log.
    """
    log = place.home / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as out:

        def tell(line: str) -> None:
            out.write(line)
            # Who pushed may have gone; the run goes on, or back, all the same.
            with contextlib.suppress(BrokenPipeError):
                sys.stdout.write(line)
                sys.stdout.flush()

        code = sequence(environment(place, commit), tell)
    keep(place, commit)
    return code


def keep(place: Place, commit: str) -> None:
    """Keep what the run made, with its log, and forget the oldest."""
    kept = place.runs / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{commit[:12]}"
    shutil.copytree(place.run, kept)
    shutil.copyfile(place.home / "run.log", kept / "run.log")
    for old in sorted(place.runs.iterdir())[:-KEPT]:
        shutil.rmtree(old)
