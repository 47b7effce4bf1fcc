"""A bare repository whose hook runs the pipeline: a push to main is live, or it is refused.

The hook is ``pre-receive``. After ``post-receive`` a push that failed would still have moved the
branch and told its author that all is well. So main is what serves; the price is that a push takes
as long as the pipeline, and that git keeps the new objects in quarantine until the hook agrees.

The hook runs this checkout's pipeline on the pushed files: a commit cannot loosen what judges it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from layerctl.errors import BusyError, LayerctlError
from layerctl.paths import ROOT
from pipeline import runner, stages
from pipeline.errors import RefusedError
from pipeline.place import Place

BRANCH = "refs/heads/main"
NOTHING = "0" * 40
LIMIT_S = 120


def git(*words: str, env: dict[str, str] | None = None) -> str:
    """Run git; its output.

    Raises:
        LayerctlError: it failed.
    """
    whole = os.environ | (env or {})
    done = subprocess.run(
        ["git", *words], env=whole, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode:
        raise LayerctlError(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def bare(place: Place) -> Path:
    """Where pushes go."""
    return place.home / "hop.git"


def make(place: Place) -> Path:
    """Make the repository and its hook; made again, only the hook is written anew."""
    path = bare(place)
    if not path.exists():
        git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    hook = path / "hooks/pre-receive"
    program = shlex.quote(str(ROOT / stages.PROGRAM))
    home = shlex.quote(str(place.home))
    hook.write_text(f"#!/bin/sh\nPIPELINE_HOME={home} exec {program} receive\n", "utf-8")
    hook.chmod(0o755)
    return path


def wanted(updates: str) -> list[str]:
    """The commits that main is to become, from what git writes to the hook: ``old new ref``.

    Raises:
        RefusedError: main would be deleted.
    """
    found = []
    for line in updates.splitlines():
        _, new, ref = line.split()
        if ref == BRANCH and new == NOTHING:
            raise RefusedError("main is what serves; it cannot be deleted")
        if ref == BRANCH:
            found.append(new)
    return found


def check_out(place: Place, commit: str) -> Place:
    """The pushed files in a folder that stays, so that its environments are made once.

    Not ``git worktree``: that writes references, which git refuses while objects are in quarantine.
    """
    tree = place.home / "checkout"
    tree.mkdir(parents=True, exist_ok=True)
    env = {"GIT_INDEX_FILE": str(place.home / "checkout.index"), "GIT_WORK_TREE": str(tree)}
    git(f"--git-dir={bare(place)}", "read-tree", "--reset", "-u", commit, env=env)
    return Place(place.home, tree)


@contextlib.contextmanager
def alone(place: Place) -> Iterator[None]:
    """One run at a time.

    Raises:
        BusyError: another one is under way.
    """
    place.home.mkdir(parents=True, exist_ok=True)
    with (place.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "another run of the pipeline is under way", "push again later"
            ) from None
        yield


def receive(place: Place, updates: str) -> int:
    """What the hook does; its exit code decides whether git takes the push."""
    for commit in wanted(updates):
        with alone(place):
            code = runner.run(check_out(place, commit), commit)
        if code:
            print(f"refused: main stays where it was. Log: {place.home / 'run.log'}")
            return code
    return 0
