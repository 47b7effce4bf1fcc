"""Show and judge what a change does to the lock files; Markdown on standard output.

Usage: make dependencies [BASE=COMMIT]

  BASE  compare with where this branch left it (default: origin/main, else the commit before)

Exit codes: 0 every change is taken, 1 one is refused, 2 usage; with STRICT=1 a skip is 1
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from layerctl.console import say
from layerctl.errors import LayerctlError, UsageError
from layerctl.locks import Pins
from layerctl.paths import ROOT
from review import audit, changes, judge, licences

HEAD = "| change | package | from | to | licence | in | verdict |\n|---|---|---|---|---|---|---|"


def pinned(found: Iterable[changes.Change], locks: dict[str, Pins]) -> str:
    """The changed packages as a requirements file, each version once, with its hashes."""
    lines = {}
    for change in found:
        for version in change.after[-1:]:
            hashes = locks[change.files[0]][change.package, version]
            options = "".join(f" --hash=sha256:{each}" for each in sorted(hashes))
            lines[change.package] = f"{change.package}=={version}{options}"
    return "\n".join(lines.values()) + "\n"


def places(files: tuple[str, ...]) -> str:
    """Where, short: a project's lock and its exports say the same."""
    return ", ".join(sorted({str(Path(file).parent) for file in files}))


def review(folder: Path, base: str) -> tuple[int, list[str], str]:
    """How many changes are refused, the report's lines, and the reason of a skip.

    Raises:
        UsageError: there is no such commit, or the policy makes no sense.
    """
    commit = changes.start(folder, base)
    if not commit:
        return 0, ["Dependencies: this is the first commit, there is nothing to compare."], ""
    locks = changes.now(folder)
    found = changes.compare(changes.before(folder, commit), locks)
    if not found:
        return 0, [f"Dependencies: no lock file changed since {commit[:12]}."], ""
    kept = [change for change in found if change.after]
    policy = judge.load()
    with tempfile.TemporaryDirectory() as place:
        known = licences.fetch(pinned(kept, locks), Path(place)) if kept else {}
        asked = audit.known(pinned(kept, locks), Path(place)) if kept else audit.Answer()
    lines, refused = [HEAD], 0
    for change in found:
        taken, verdict = judge.judge(change, known, asked.vulnerable, policy)
        refused += not taken
        cells = (change.kind, change.package, ", ".join(change.before), ", ".join(change.after))
        licence = known.get(change.package, "")
        lines.append(f"| {' | '.join((*cells, licence, places(change.files), verdict))} |")
    known_bad = f"{len(asked.vulnerable)} known vulnerable"
    known_bad += ", not all looked up" if asked.unasked else ""
    lines += ["", f"Dependencies: {len(found)} changes, {refused} refused, {known_bad}."]
    skip = f"vulnerabilities: {asked.unasked}. Enable: {audit.ENABLE}" if asked.unasked else ""
    return refused, lines, skip


def main() -> int:
    """Review this checkout."""
    if len(sys.argv) > 2:
        say((__doc__ or "").strip())
        return UsageError.exit_code
    try:
        refused, lines, skip = review(ROOT, (*sys.argv[1:], "")[0])
    except LayerctlError as error:
        say(f"review: {error}")
        return error.exit_code
    print("\n".join(lines))
    if skip:
        say(f"skipped: {skip}")
    if refused:
        say("Next: another version, or a line with its reason in layer2-tooling/review/policy.toml")
    return int(bool(refused or (skip and os.environ.get("STRICT") == "1")))


if __name__ == "__main__":
    sys.exit(main())
