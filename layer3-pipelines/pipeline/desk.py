"""A developer's clone, for the proof and the tests: three changes, and what a push of each says."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from pipeline import repository
from pipeline.place import Place

LIMIT_S = 900
HOP = "layer2-tooling/api/src/hop"
WHO = ("-c", "user.name=A Developer", "-c", "user.email=developer@example.invalid")


@dataclass(frozen=True, slots=True)
class Change:
    """An edit of one file: ``old`` stands there once and becomes ``new``."""

    file: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Make it in a tree.

        Raises:
            LayerctlError: the text to change is not there once.
        """
        path = root / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise LayerctlError(f"{self.file} has {text.count(self.old)} times: {self.old}")
        path.write_text(text.replace(self.old, self.new), "utf-8")


CHANGES = {
    # A line that changes nothing else, so that the release is new and good.
    "good": Change(f"{HOP}/web/front.py", "# Clicks are counted here", "# Every click is counted"),
    # A slug with the look-alike 0: a unit test knows better.
    "failing": Change(f"{HOP}/domain/slugs.py", 'ALPHABET = "23456789', 'ALPHABET = "023456789'),
    # It starts, it is ready, no unit test minds, and no link works.
    "bad": Change(
        f"{HOP}/web/front.py",
        '"status": 307, "headers": headers',
        '"status": 500, "headers": headers',
    ),
}


@dataclass(frozen=True, slots=True)
class Push:
    """What a push did."""

    commit: str
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A clone with one remote, the pipeline's repository."""

    path: Path

    def git(self, *words: str) -> str:
        """Run git here, as somebody and without this machine's hooks."""
        return repository.git("-C", str(self.path), *WHO, "-c", "core.hooksPath=/dev/null", *words)

    def commit(self, message: str) -> str:
        """Commit everything; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def change(self, name: str) -> str:
        """Make one of the changes on top of what main is; the commit."""
        CHANGES[name].apply(self.path)
        return self.commit(f"a {name} change")

    def push(self) -> Push:
        """Push to main; what git says includes what the pipeline says."""
        commit = self.git("rev-parse", "HEAD")
        command = ["git", "-C", str(self.path), "push", "--no-verify", "delivery", "HEAD:main"]
        done = subprocess.run(
            command,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Push(commit, done.returncode, done.stdout)

    def back(self) -> None:
        """Forget what was refused."""
        self.git("reset", "--quiet", "--hard", "delivery/main")


def open_desk(place: Place) -> Desk:
    """A new clone with today's files of this checkout, committed or not."""
    path = place.home / "desk"
    shutil.rmtree(path, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, path / name)
    repository.git("init", "--quiet", "--initial-branch=main", str(path))
    desk = Desk(path)
    desk.git("remote", "add", "delivery", str(repository.bare(place)))
    desk.commit("today's files")
    return desk
