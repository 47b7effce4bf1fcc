"""The command line; ``layerctl --help`` lists the commands."""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

from layerctl import (
    doctor,
    engines,
    environments,
    evidence,
    housekeeping,
    manifest,
    prose,
    run,
    summary,
    testing,
)
from layerctl.checks import LINTERS, type_checks
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError, UsageError
from layerctl.paths import DEFAULT, PROJECTS, ROOT
from layerctl.which import report as which
from layerctl.which.view import NAMES

README = ROOT / "README.md"


def _setup(args: argparse.Namespace) -> int:
    unknown = [p for p in args.projects if p not in PROJECTS]
    if unknown:
        raise UsageError(
            f"no project named '{unknown[0]}'. Projects: {', '.join(PROJECTS)}", "make setup"
        )
    level = "dev" if args.dev else "run"
    return environments.setup(args.projects or list(DEFAULT), level=level, check=args.check)


def _manifest(args: argparse.Namespace) -> int:
    loaded = manifest.load(args.file)
    if args.action == "matrix":
        print(json.dumps(manifest.matrix(loaded)))
        return 0
    if args.action == "table":
        print(manifest.table(loaded))
        return 0
    old = README.read_text("utf-8")
    new = manifest.replace_region(old, "deliverables", manifest.table(loaded))
    if args.action == "write":
        README.write_text(new, "utf-8")
        return 0
    problems = loaded.problems() + (loaded.missing_evidence() if args.evidence else [])
    if new != old:
        problems.append("README.md: the table differs from deliverables.toml. Next: make docs")
    for problem in problems:
        say(f"manifest: {problem}")
    if not problems:
        print(
            f"manifest: {len(loaded.deliverables)} deliverables, {len(loaded.concepts)} concepts, "
            "README agrees"
        )
    return int(bool(problems))


def _prose(args: argparse.Namespace) -> int:
    if args.action == "write":
        for path in prose.write(prose.markdown(), capture=args.capture):
            print(f"wrote {path.relative_to(ROOT)}")
        return 0
    problems = prose.stale(prose.markdown())
    for problem in problems:
        say(f"prose: {problem}")
    return int(bool(problems))


def _hook(args: argparse.Namespace) -> int:
    if args.linter == "mypy":
        commands = [(check.command(), check.cwd) for check in type_checks(args.files)]
    else:
        commands = [([*LINTERS[args.linter], *args.files], ROOT)] if args.files else []
    codes = []
    for command, cwd in commands:
        if not os.access(command[0], os.X_OK):
            next_step = f"make setup && layer1-env/bootstrap.sh --dev {Path(command[0]).parts[-3]}"
            raise MissingError(f"{args.linter} is not set up in this checkout", next_step)
        codes.append(subprocess.run(command, cwd=cwd, check=False).returncode)
    return next(filter(None, codes), 0)


def _summary(_: argparse.Namespace) -> int:
    print(summary.markdown())
    summary.keep()
    return 0


def _evidence(args: argparse.Namespace) -> int:
    lines = evidence.show(args.ids)
    if not lines:
        raise LayerctlError("there is no evidence yet", "make layer3")
    print("\n".join(lines))
    return 0


def _which(args: argparse.Namespace) -> int:
    view, problems = which.diagnose(args.names)
    if args.json:
        print(json.dumps(which.as_dict(view, problems), indent=2))
    else:
        print(which.text(view, problems))
    return int(bool(problems))


def _doctor(args: argparse.Namespace) -> int:
    report = doctor.examine()
    print(json.dumps(report.as_dict(), indent=2) if args.json else report.text(args.layer))
    return 0 if args.layer is None or report.can_run(args.layer) else 1


def parser() -> argparse.ArgumentParser:
    """The argument parser; its help is what readers see."""
    top = argparse.ArgumentParser(
        prog="layerctl", description="The command line of the six-layers repository."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("doctor", help="say what this machine can run")
    one.add_argument("--layer", type=int, choices=range(6), help="exit 1 if this layer cannot run")
    one.add_argument("--json", action="store_true", help="for programs")
    one.set_defaults(go=_doctor)

    one = commands.add_parser(
        "which-python", help="say which interpreter python, pip and others lead to, and why"
    )
    one.add_argument("names", nargs="*", metavar="NAME", help="default: " + ", ".join(NAMES))
    one.add_argument("--json", action="store_true", help="for programs")
    one.set_defaults(go=_which, as_called=True)

    one = commands.add_parser("setup", help="make the Python environments below .run/")
    one.add_argument(
        "projects",
        nargs="*",
        metavar="PROJECT",
        help=f"{', '.join(PROJECTS)}; default: {', '.join(DEFAULT)}",
    )
    one.add_argument("--dev", action="store_true", help="with what tests and type checks need")
    one.add_argument(
        "--check", action="store_true", help="say what would be done; exit 1 if anything"
    )
    one.set_defaults(go=_setup)

    one = commands.add_parser("run", help="run a layer")
    one.add_argument("layer", type=int, choices=range(6))
    one.add_argument("rest", nargs=argparse.REMAINDER, help="passed to the layer's programs")
    one.set_defaults(go=lambda args: run.run_layer(args.layer, args.rest))

    one = commands.add_parser("drill", help="break a layer on purpose, or grade the repair")
    one.add_argument("action", choices=["break", "check"])
    one.add_argument("layer", type=int, choices=range(6))
    one.add_argument("scenario", nargs="?", default="")
    one.set_defaults(go=lambda args: run.run_drill(args.layer, args.action, args.scenario))

    one = commands.add_parser("test", help="run checks and tests; closes with the counts")
    one.add_argument("groups", nargs="*", metavar="GROUP", help="lint, types, verify, unit, e2e")
    one.set_defaults(go=lambda args: testing.test(args.groups))

    one = commands.add_parser("hook", help="run one check of make lint on the named files")
    one.add_argument("linter", choices=sorted([*LINTERS, "mypy"]))
    one.add_argument("files", nargs="*", metavar="FILE")
    one.set_defaults(go=_hook)

    one = commands.add_parser("summary", help="tests, coverage, evidence and its changes, for CI")
    one.set_defaults(go=_summary)

    one = commands.add_parser("down", help="stop what this checkout still runs")
    one.set_defaults(go=lambda _: housekeeping.down())

    one = commands.add_parser("clean", help="remove what runs have made below .run/")
    one.add_argument("--all", action="store_true", help="the environments too")
    one.set_defaults(go=lambda args: housekeeping.clean(everything=args.all))

    one = commands.add_parser("manifest", help="check deliverables.toml; generate from it")
    one.add_argument("action", choices=["check", "write", "table", "matrix"])
    one.add_argument(
        "--evidence", action="store_true", help="with check: built rows must have evidence"
    )
    one.add_argument("--file", type=Path, default=manifest.FILE, help="another manifest")
    one.set_defaults(go=_manifest)

    one = commands.add_parser(
        "prose", help="fill or check listings and captured output in Markdown"
    )
    one.add_argument("action", choices=["check", "write"])
    one.add_argument("--capture", action="store_true", help="with write: run the commands anew")
    one.set_defaults(go=_prose)

    one = commands.add_parser("evidence", help="show what the last runs found")
    one.add_argument("ids", nargs="*", metavar="ID")
    one.set_defaults(go=_evidence)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code (DESIGN: 0 ok, 1 failed, 2 usage, 69 missing, 75 busy)."""
    args = parser().parse_args(argv)
    if not getattr(args, "as_called", False):
        # A stray PYTHONHOME would keep every Python that we start from starting.
        os.environ.pop("PYTHONHOME", None)
        os.environ.update(engines.environment())
    try:
        code: int = args.go(args)
    except LayerctlError as error:
        say(f"layerctl: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        say(f"layerctl: the disk is full ({error.filename or error.strerror}).\n  Next: free space")
        return 1
    return code
