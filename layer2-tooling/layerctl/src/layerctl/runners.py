"""Run one check or one suite into its log, and count."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from layerctl import bats
from layerctl.checks import Check, Suite, tool
from layerctl.console import GREEN, RED, say, styled, verbose
from layerctl.counts import Counts, read_junit
from layerctl.paths import LOGS, PROJECTS

TAIL = 40
NO_TESTS = 5  # pytest's exit code when a marker selects nothing
_printing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Done:
    """What was run: its exit code, its log, and how many seconds it took."""

    code: int
    log: Path
    seconds: float


def execute(name: str, command: Sequence[str], cwd: Path, env: dict[str, str]) -> Done:
    """Run a command into its log; with ``V=1`` onto the terminal as well."""
    started = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"test-{name.replace(' ', '-')}.log"
    with log.open("w", encoding="utf-8") as out:
        target = None if verbose() else out
        code = subprocess.run(
            command, cwd=cwd, env=env, stdout=target, stderr=target, check=False
        ).returncode
    return Done(code, log, time.monotonic() - started)


def run_check(check: Check) -> Counts:
    """Run a linter or a generator's check: one test."""
    env = os.environ | {"PYTHONPATH": str(PROJECTS["layerctl"] / "src")}
    done = execute(check.name, check.command(), check.cwd, env)
    counts = Counts()
    if done.code:
        counts.fail(f"{check.name}: exit {done.code}")
    else:
        counts.succeed()
    return report(check.name, counts, done)


def junit_file(suite: Suite) -> Path:
    """Where pytest reports the suite's results."""
    return LOGS / f"junit-{suite.name.replace(' ', '-')}.xml"


def run_suite(suite: Suite, engine: str) -> Counts:
    """Run a project's pytest suite; coverage below its floor is one failure more."""
    if suite.project == bats.PROJECT:
        return run_bats(suite, engine)
    junit = junit_file(suite)
    junit.unlink(missing_ok=True)
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(PROJECTS["layerctl"] / "src"), str(suite.cwd)))
    }
    command = [
        tool(suite.project, "python"),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "layerctl.engine_plugin",
        f"--junitxml={junit}",
        "-rs",
    ]
    if engine not in ("", "all"):
        command += ["-m", engine]
    elif suite.coverage:
        command += ["--cov", "--cov-branch", "--cov-report=term-missing:skip-covered"]
    gives_way = ("nice", "-n", "19") if suite.yields else ()
    done = execute(suite.name, [*gives_way, *command, *suite.paths], suite.cwd, env)
    if done.code == NO_TESTS and engine:
        return report(suite.name, Counts(), done)
    return settle(suite, read_junit(junit, suite.name), done)


def run_bats(suite: Suite, engine: str) -> Counts:
    """Run the shell tests; one named skip where bats is missing."""
    if engine not in ("", "all", "native"):
        return Counts()
    if why := bats.missing():
        counts = Counts()
        counts.skip(f"{suite.name}: {why}")
        say(f"{suite.name:<16} {counts.line()}")
        return counts
    with tempfile.TemporaryDirectory() as folder:
        command = bats.command(suite.cwd, Path(folder))
        done = execute(suite.name, command, suite.cwd, bats.environment())
        bats.wait_for(found := Path(folder) / "report.xml")
        counts = read_junit(found, suite.name)
    return settle(suite, counts, done)


def settle(suite: Suite, counts: Counts, done: Done) -> Counts:
    """A runner that failed although no test did: coverage, a warning at exit, or no test at all."""
    if done.code and not counts.failed:
        counts.fail(f"{suite.name}: exit {done.code} although no test failed")
    return report(suite.name, counts, done)


def report(name: str, counts: Counts, done: Done) -> Counts:
    """One line for what ran, with its seconds; the end of its log when it failed."""
    style = RED if counts.failed else GREEN
    lines = [f"{styled(f'{name:<16}', style)} {counts.line()}; {done.seconds:.0f} s"]
    if counts.failed and not verbose():
        tail = done.log.read_text("utf-8", errors="replace").splitlines()[-TAIL:]
        lines += [f"  | {line}" for line in tail] + [f"  Log: {done.log}"]
    with _printing:
        say("\n".join(lines))
    return counts
