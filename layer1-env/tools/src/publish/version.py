"""Which version a change needs: public API against the last tag, and a changelog that says so."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe

from layerctl.errors import LayerctlError

PACKAGE = "slokit"
TAG = f"{PACKAGE}-v"
LEVELS = ("none", "patch", "minor", "major")


@dataclass(frozen=True, slots=True)
class Change:
    """What happened since a release.

    Args:
        broken: one line for each break of the public API.
        added: dotted names that are new in it.
        touched: whether any file of the package changed.
    """

    broken: tuple[str, ...]
    added: tuple[str, ...]
    touched: bool

    @property
    def level(self) -> str:
        """What Semantic Versioning calls it, from version 1 on."""
        if self.broken:
            return "major"
        return "minor" if self.added else "patch" if self.touched else "none"


def numbers(version: str) -> tuple[int, int, int]:
    """A version as three numbers.

    Raises:
        LayerctlError: it is none.
    """
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if not found:
        raise LayerctlError(f"'{version}' is not MAJOR.MINOR.PATCH", "edit pyproject.toml")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


# region: bump
def least(released: str, level: str) -> str:
    """The smallest version that may follow. Below 1.0.0 a break is a minor step.

    Source: semver.org, items 4 and 6 to 8; Poetry's caret reads 0.y the same way.
    """
    major, minor, patch = numbers(released)
    if major == 0:
        level = {"major": "minor", "minor": "patch"}.get(level, level)
    steps = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
        "none": (major, minor, patch),
    }
    return ".".join(map(str, steps[level]))


# endregion


def public(module: griffe.Object | griffe.Alias) -> Iterator[str]:
    """Dotted names of everything public; what is only imported is not ours."""
    for member in module.members.values():
        if not member.is_alias and member.is_public:
            yield member.path
            if member.is_module or member.is_class:
                yield from public(member)


def git(project: Path, *words: str) -> str:
    """What git says; empty when it fails."""
    done = subprocess.run(["git", *words], cwd=project, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def last_tag(project: Path, *, besides: str = "") -> str:
    """The newest release that this commit descends from; empty before the first one.

    Args:
        besides: a tag that does not count: the one that is being released.

    Raises:
        LayerctlError: the clone is shallow, so that tags may be missing.
    """
    if git(project, "rev-parse", "--is-shallow-repository") == "true":
        raise LayerctlError(
            "a shallow clone does not have the tags", "git fetch --unshallow --tags"
        )
    words = ["describe", "--tags", "--abbrev=0", "--match", f"{TAG}*", "HEAD"]
    return git(project, *words, *(["--exclude", besides] if besides else []))


def since(project: Path, tag: str) -> Change:
    """Compare the public API of the working tree with that of a tag."""
    root = Path(git(project, "rev-parse", "--show-toplevel"))
    source = project.resolve().relative_to(root.resolve()) / "src"
    old = griffe.load_git(PACKAGE, ref=tag, repo=root, search_paths=[source], resolve_aliases=True)
    new = griffe.load(PACKAGE, search_paths=[project / "src"], resolve_aliases=True)
    style = griffe.ExplanationStyle.ONE_LINE
    broken = [b.explain(style) for b in griffe.find_breaking_changes(old, new)]
    added = sorted(set(public(new)) - set(public(old)))
    touched = bool(git(project, "diff", "--name-only", tag, "--", "src", "pyproject.toml"))
    return Change(tuple(broken), tuple(added), touched)


def changelog(project: Path, version: str) -> str:
    """What the changelog says about a version; empty when it says nothing."""
    text = (project / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    return found.group(1).strip() if found else ""


def check(project: Path, *, releasing: str = "") -> dict[str, object]:
    """Demand the right version and its line in the changelog; the figures of the comparison.

    Args:
        releasing: the tag that is being published; it is compared with the one before.

    Raises:
        LayerctlError: the version is too small, or the changelog does not have it.
    """
    version = tomllib.loads((project / "pyproject.toml").read_text())["project"]["version"]
    tag = last_tag(project, besides=releasing)
    facts: dict[str, object] = {
        "version": version,
        "compared_with": tag or "nothing: no release yet",
    }
    if tag:
        change = since(project, tag)
        wanted = least(tag.removeprefix(TAG), change.level)
        facts |= {"broken": len(change.broken), "added": len(change.added), "least": wanted}
        if numbers(version) < numbers(wanted):
            why = "\n".join(f"  | {line}" for line in (change.broken or change.added)[:8])
            raise LayerctlError(
                f"{PACKAGE} {version} is too small: since {tag} {len(change.broken)} breaks and "
                f"{len(change.added)} additions in the public API need {wanted} or more\n{why}",
                f'version = "{wanted}" in {project.name}/pyproject.toml',
            )
    if not changelog(project, version):
        raise LayerctlError(
            f"{project.name}/CHANGELOG.md says nothing about {version}", f"add '## {version}'"
        )
    return facts
