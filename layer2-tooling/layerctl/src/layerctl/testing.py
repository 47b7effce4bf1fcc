"""``make test``: run every check and suite, count, and close with one plain line."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from layerctl import bats, engines, environments
from layerctl.checks import CHECKS, GROUPS, SUITES, Check, Suite, tool
from layerctl.console import GREEN, RED, say, styled, verbose
from layerctl.errors import UsageError
from layerctl.paths import LAYERS, LOGS, PROJECTS, ROOT

TAIL = 40
NO_TESTS = 5  # pytest's exit code when a marker selects nothing


@dataclass
class Counts:
    """Tests by result, and why some were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Sum up."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.reasons += other.reasons

    def line(self) -> str:
        """The closing line, plain, as CI reads it."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_junit(path: Path) -> Counts:
    """Counts from pytest's JUnit file.

    A file that is missing or cut is one failure: a runner that died has not passed.
    """
    try:
        cases = ET.parse(path).getroot().findall(".//testcase")  # noqa: S314 - our own pytest wrote it
    except (OSError, ET.ParseError):
        return Counts(failed=1)
    counts = Counts()
    for case in cases:
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif skip is not None and skip.get("type") != "pytest.xfail":
            counts.skipped += 1
            counts.reasons.append(f"{case.get('name')}: {skip.get('message') or skip.text}")
        else:
            counts.passed += 1
    return counts


def execute(name: str, command: Sequence[str], cwd: Path, env: dict[str, str]) -> tuple[int, Path]:
    """Run a command into its log; with ``V=1`` onto the terminal as well."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"test-{name.replace(' ', '-')}.log"
    with log.open("w", encoding="utf-8") as out:
        target = None if verbose() else out
        code = subprocess.run(
            command, cwd=cwd, env=env, stdout=target, stderr=target, check=False
        ).returncode
    return code, log


def run_check(check: Check) -> Counts:
    """Run a linter or a generator's check: one test."""
    env = os.environ | {"PYTHONPATH": str(PROJECTS["layerctl"] / "src")}
    code, log = execute(check.name, check.command(), check.cwd, env)
    return report(check.name, Counts(passed=int(code == 0), failed=int(code != 0)), log)


def junit_file(suite: Suite) -> Path:
    """Where pytest reports the suite's results."""
    return LOGS / f"junit-{suite.project}-{suite.cwd.name}.xml"


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
    code, log = execute(suite.name, [*command, *suite.paths], suite.cwd, env)
    if code == NO_TESTS and engine:
        return report(suite.name, Counts(), log)
    counts = read_junit(junit)
    if code and not counts.failed:
        counts.failed += 1  # coverage, a warning at exit, or no test at all
    return report(suite.name, counts, log)


def run_bats(suite: Suite, engine: str) -> Counts:
    """Run the shell tests; one named skip where bats is missing."""
    if engine not in ("", "all", "native"):
        return Counts()
    if why := bats.missing():
        counts = Counts(skipped=1, reasons=[f"{suite.name}: {why}"])
        say(f"{suite.name:<16} {counts.line()}")
        return counts
    with tempfile.TemporaryDirectory() as folder:
        command = bats.command(suite.cwd, Path(folder))
        code, log = execute(suite.name, command, suite.cwd, bats.environment())
        bats.wait_for(found := Path(folder) / "report.xml")
        counts = read_junit(found)
    if code and not counts.failed:
        counts.failed += 1
    return report(suite.name, counts, log)


def report(name: str, counts: Counts, log: Path) -> Counts:
    """One line for what ran; the end of its log when it failed."""
    style = RED if counts.failed else GREEN
    say(f"{styled(f'{name:<16}', style)} {counts.line()}")
    if counts.failed and not verbose():
        for line in log.read_text("utf-8", errors="replace").splitlines()[-TAIL:]:
            say(f"  | {line}")
        say(f"  Log: {log}")
    return counts


def here(folder: Path) -> bool:
    """Whether ``LAYER=n`` includes a folder; what belongs to no layer counts as tooling.

    Raises:
        UsageError: there is no such layer.
    """
    layer = os.environ.get("LAYER", "")
    if not layer:
        return True
    if layer not in map(str, LAYERS):
        raise UsageError(f"no layer '{layer}'. Layers: {', '.join(map(str, LAYERS))}")
    of = [n for n, name in LAYERS.items() if folder.is_relative_to(ROOT / name)]
    return str((*of, 2)[0]) == layer


def test(groups: Sequence[str]) -> int:
    """Run the groups (default: all) and print ``N passed, N failed, N skipped``.

    ``ENGINE=name`` runs only tests with that marker, ``LAYER=n`` those of one layer;
    ``ENGINE=all`` fails when an engine is absent that the committed list does not excuse;
    ``STRICT=1`` turns skips into failures.

    Raises:
        UsageError: an unknown group, engine or layer.
    """
    unknown = [g for g in groups if g not in GROUPS]
    if unknown:
        raise UsageError(f"no test group '{unknown[0]}'. Groups: {', '.join(GROUPS)}")
    engine, started = os.environ.get("ENGINE", ""), time.monotonic()
    if engine not in ("", "all", *engines.PROBES):
        raise UsageError(f"no engine '{engine}'. Engines: all, {', '.join(engines.PROBES)}")
    wanted, total = groups or GROUPS, Counts()
    checks = [c for c in CHECKS if c.group in wanted and engine in ("", "all") and here(c.cwd)]
    suites = [s for s in SUITES if s.group in wanted and here(s.cwd)]
    whole = not os.environ.get("LAYER")
    needed = {"layerctl", *(s.project for s in suites)}
    environments.setup([p for p in PROJECTS if whole or p in needed], level="dev", check=False)
    for check in checks:
        total.add(run_check(check))
    for suite in suites:
        total.add(run_suite(suite, engine))
    for line in engines.summary(map(junit_file, suites)):
        say(line)
    for reason in engines.unexpected() if engine == "all" else ():
        say(f"failed: {reason}")
        total.failed += 1
    for reason in total.reasons:
        say(f"skipped: {reason}")
    if os.environ.get("STRICT") == "1":
        total.failed, total.skipped = total.failed + total.skipped, 0
    say(f"{time.monotonic() - started:.0f} s; logs in {LOGS}")
    print(total.line())
    return int(bool(total.failed) or not total.passed)
