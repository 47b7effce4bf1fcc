"""The command-line tools that pipx installs, at the versions that the repository itself uses."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from workshop.paths import ROOT

FILE = ROOT / "layer2-tooling/pipx-tools.txt"
HEAD = "# Written by `python -m workshop.tools write` from the locks named below; do not edit.\n"
# Each tool, and the lock that decides its version because the repository runs that one.
LOCKS = {
    "poetry": "layer1-env/tools",
    "mypy": "layer2-tooling/layerctl",
    "pytest": "layer2-tooling/layerctl",
    "ruff": "layer2-tooling/layerctl",
    "black": "layer2-tooling/workshop",
    "httpie": "layer2-tooling/workshop",
    "jupyterlab": "layer2-tooling/workshop",
    "pre-commit": "layer2-tooling/workshop",
}


def locked(project: str, name: str) -> str:
    """The version of a package in a project's lock.

    Raises:
        KeyError: it is not there.
    """
    lock = tomllib.loads((ROOT / project / "poetry.lock").read_text("utf-8"))
    versions = {package["name"]: package["version"] for package in lock["package"]}
    return str(versions[name])


def text() -> str:
    """What ``pipx-tools.txt`` must hold."""
    rows = {f"{name}=={locked(lock, name)}": lock for name, lock in sorted(LOCKS.items())}
    return HEAD + "".join(f"{row:24}# {lock}\n" for row, lock in rows.items())


def wanted(names: Sequence[str]) -> list[str]:
    """The requirements of the named tools, or of all."""
    rows = [line.split("#")[0].strip() for line in FILE.read_text("utf-8").splitlines()]
    return [row for row in rows if row and (not names or row.split("==")[0] in names)]


def install(requirements: Sequence[str]) -> int:
    """Have pipx install each in an environment of its own; the first failure ends it."""
    pipx = shutil.which("pipx") or str(Path(sys.executable).with_name("pipx"))
    for requirement in requirements:
        # A PYTHONPATH of this shell must not leak into what is installed.
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        code = subprocess.run([pipx, "install", requirement], env=env, check=False).returncode
        if code:
            return code
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """``python -m workshop.tools``. Exit codes: 0 done, 1 differs or failed, 2 usage."""
    parser = argparse.ArgumentParser(prog="tools", description=__doc__)
    parser.add_argument("action", choices=["write", "check", "install"])
    parser.add_argument("names", nargs="*", metavar="TOOL", help=f"default: {', '.join(LOCKS)}")
    args = parser.parse_args(argv)
    if unknown := sorted(set(args.names) - set(LOCKS)):
        parser.error(f"no tool '{unknown[0]}'. Tools: {', '.join(LOCKS)}")
    if args.action == "install":
        return install(wanted(args.names))
    if args.action == "write":
        FILE.write_text(text(), "utf-8")
        return 0
    same = FILE.exists() and FILE.read_text("utf-8") == text()
    if not same:
        print(f"{FILE.name} differs from the locks. Next: python -m workshop.tools write")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
