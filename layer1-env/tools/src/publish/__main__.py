"""Publish slokit.

Usage: python -m publish COMMAND

  version          the version fits the changes since the last tag, and the changelog has it
  api [--write]    the API reference is that of the code
  build OUT        wheel and sdist into OUT, built twice and alike
  release TAG OUT  all three, for the release of TAG

Figures go to standard output as JSON.

Exit codes: 0 ok, 1 a rule does not hold or a step failed, 2 usage
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from layerctl.errors import LayerctlError, UsageError
from publish import api, build, version

PROJECT = Path(__file__).parents[3] / "slokit"


def built(out: str) -> dict[str, object]:
    """Build twice; names and hashes."""
    made = build.twice(PROJECT, Path(out))
    return {"alike": True, "sha256": made.hashes()}


def release(tag: str, out: str) -> dict[str, object]:
    """Everything that must hold before a tag is published.

    Raises:
        LayerctlError: the tag is not that of the version.
    """
    facts = version.check(PROJECT, releasing=tag) | api.check(PROJECT)
    wanted = f"{version.TAG}{facts['version']}"
    if tag != wanted:
        raise LayerctlError(f"the tag {tag} is not {wanted}", f"git tag -d {tag}; git tag {wanted}")
    return facts | built(out)


def run(arguments: list[str]) -> dict[str, object]:
    """One command's figures.

    Raises:
        UsageError: there is no such command.
    """
    match arguments:
        case ["version"]:
            return version.check(PROJECT)
        case ["api"]:
            return api.check(PROJECT)
        case ["api", "--write"]:
            return api.write(PROJECT)
        case ["build", out]:
            return built(out)
        case ["release", tag, out]:
            return release(tag, out)
    raise UsageError(f"{' '.join(arguments) or 'nothing'}?\n{__doc__}")


def main() -> int:
    """Run one command; its exit code."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        print(json.dumps(run(sys.argv[1:])))
    except LayerctlError as error:
        print(f"publish: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
