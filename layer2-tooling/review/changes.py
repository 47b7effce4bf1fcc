"""Lock files of two states of the repository, and what changed from one to the other."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePath

from packaging.version import Version

from layerctl.errors import UsageError
from layerctl.locks import Pins, exported, locked

NO_COMMIT = "0" * 40  # what GitHub calls the state before a branch's first push


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one package, in every lock file where the same happened.

    Args:
        kind: new, removed, upgrade, downgrade, or hashes: other files under the same version.
        before: versions, the newest last; empty when new.
        after: the same; empty when removed.
    """

    package: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    files: tuple[str, ...] = ()


def is_lock(name: str) -> bool:
    """Whether a file's name is that of a lock or of its export."""
    path = PurePath(name)
    return path.name == "poetry.lock" or path.match("requirements*.txt")


def git(folder: Path, *words: str) -> str:
    """What git prints.

    Raises:
        UsageError: git refused; usually there is no such commit here.
    """
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(done.stderr.strip(), "git fetch, then make dependencies BASE=COMMIT")
    return done.stdout


def exists(folder: Path, name: str) -> bool:
    """Whether a name means a commit here."""
    command = ("git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return not subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def start(folder: Path, wanted: str) -> str:
    """The commit to compare with: where this branch left BASE; empty before the first commit.

    ``BASE`` is by default origin/main, or the commit before this one.
    """
    if not exists(folder, "HEAD"):
        return ""
    for name in [wanted] if wanted not in ("", NO_COMMIT) else ["origin/main", "HEAD^"]:
        if wanted == name or exists(folder, name):
            return git(folder, "merge-base", name, "HEAD").strip()
    return ""


def read(name: str, text: str) -> Pins:
    """The packages of one file."""
    return locked(text) if name.endswith("poetry.lock") else exported(text)


def before(folder: Path, commit: str) -> dict[str, Pins]:
    """The lock files of a commit."""
    names = filter(is_lock, git(folder, "ls-tree", "-r", "-z", "--name-only", commit).split("\0"))
    return {name: read(name, git(folder, "show", f"{commit}:{name}")) for name in names}


def now(folder: Path) -> dict[str, Pins]:
    """The lock files as they are, committed or not."""
    listed = git(folder, "ls-files", "-z", "-co", "--exclude-standard").split("\0")
    names = (name for name in listed if is_lock(name) and (folder / name).is_file())
    return {name: read(name, (folder / name).read_text("utf-8")) for name in names}


def versions(pins: Pins, package: str) -> tuple[str, ...]:
    """The locked versions of a package, the newest last; markers may choose between several."""
    return tuple(sorted((v for name, v in pins if name == package), key=Version))


def kind(old: Pins, new: Pins, package: str) -> str:
    """What happened to a package in one file; empty: nothing."""
    was, is_now = versions(old, package), versions(new, package)
    if was == is_now:
        return "hashes" if any(old[package, v] != new[package, v] for v in was) else ""
    if not was or not is_now:
        return "removed" if was else "new"
    return "upgrade" if Version(is_now[-1]) >= Version(was[-1]) else "downgrade"


def compare(old: dict[str, Pins], new: dict[str, Pins]) -> list[Change]:
    """Every change, by package; a package that is new in one file may be old in another."""
    found: dict[Change, list[str]] = defaultdict(list)
    for file in sorted({*old, *new}):
        was, is_now = old.get(file, {}), new.get(file, {})
        for package in sorted({name for name, _ in (*was, *is_now)}):
            if what := kind(was, is_now, package):
                versions_of = (versions(was, package), versions(is_now, package))
                found[Change(package, what, *versions_of)].append(file)
    return [
        Change(c.package, c.kind, c.before, c.after, tuple(files))
        for c, files in sorted(found.items(), key=lambda pair: (pair[0].package, pair[0].kind))
    ]
