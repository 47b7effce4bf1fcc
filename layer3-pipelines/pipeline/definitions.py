"""What a runner's definition would run, read out of it: so that three of them stay one pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.stages import NAMES, PROGRAM, ROLLBACK

CALL = re.compile(rf"^.*{re.escape(PROGRAM)}.*$", re.MULTILINE)
WANTED = [*NAMES, ROLLBACK.name]


def github(definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and script of each step of a workflow that runs something, in the order of its jobs."""
    for job in definition["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                yield step["name"], step["run"]


def azure(definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The same of an Azure pipeline; a deployment job's steps lie below its strategy."""
    for stage in definition["stages"]:
        for job in stage["jobs"]:
            once = job.get("strategy", {}).get("runOnce", {})
            parts = [job, once.get("deploy", {}), once.get("on", {}).get("failure", {})]
            for step in (step for part in parts for step in part.get("steps", [])):
                if "bash" in step:
                    yield step.get("displayName", ""), step["bash"]


def problems(steps: Iterator[tuple[str, str]]) -> list[str]:
    """How these differ from the stages: each once, in order, by its own command and no other."""
    found, names = [], []
    for name, script in steps:
        calls = CALL.findall(script)
        if not calls and name not in WANTED:
            continue
        names.append(name)
        if calls != [f"{PROGRAM} {name}"]:
            found.append(f"{name}: runs {calls or script!r}")
    if names != WANTED:
        found.append(f"stages are {', '.join(names)}; want {', '.join(WANTED)}")
    return found
