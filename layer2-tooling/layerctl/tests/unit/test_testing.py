"""The counts of ``make test`` cannot turn red into green."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from layerctl import bats, checks, environments, runners, testing
from layerctl.checks import Check, Suite
from layerctl.counts import Counts, read_junit
from layerctl.errors import UsageError

JUNIT = """<testsuites><testsuite>
<testcase name="good"/>
<testcase name="bad"><failure message="x"/></testcase>
<testcase name="broken"><error message="x"/></testcase>
<testcase name="absent"><properties><property name="engine" value="docker"/></properties>
<skipped type="pytest.skip" message="no Docker: start it"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runners, "LOGS", tmp_path)
    monkeypatch.setattr(testing, "CHECKS", ())
    monkeypatch.setattr(testing, "SUITES", ())
    monkeypatch.setattr(environments, "setup", lambda *_, **__: 0)
    monkeypatch.delenv("ENGINE", raising=False)
    monkeypatch.delenv("STRICT", raising=False)
    return tmp_path


def suite(folder: Path, body: str, *, yields: bool = False) -> Suite:
    (folder / "tests").mkdir()
    (folder / "tests/test_it.py").write_text(body)
    return Suite("made up", "layerctl", folder, coverage=False, yields=yields)


def test_results_are_counted_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    counts = read_junit(path, "made up")
    assert counts.line() == "1 passed, 2 failed, 1 skipped"
    assert counts.reasons == ["absent: no Docker: start it"]
    assert counts.failures == ["made up: bad: x", "made up: broken: x"]
    assert counts.by_engine() == [
        "  docker     0 passed, 0 failed, 1 skipped",
        "  native     1 passed, 2 failed, 0 skipped",
    ]


@pytest.mark.parametrize("text", [None, "<testsuites><testsuite>"])
def test_a_runner_that_died_is_a_failure(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "junit.xml"
    if text is not None:
        path.write_text(text)
    assert read_junit(path, "made up").failed == 1


@pytest.mark.parametrize(("code", "passed", "failed"), [("0", 1, 0), ("3", 0, 1)])
def test_a_check_is_one_test(quiet: Path, code: str, passed: int, failed: int) -> None:
    check = Check("lint", "made up", lambda: ["sh", "-c", f"exit {code}"])
    counts = runners.run_check(check)
    assert (counts.of("passed"), counts.failed) == (passed, failed)


def test_how_long_it_took_is_said(quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runners.run_check(Check("lint", "made up", lambda: ["sleep", "1.6"]))
    assert re.search(r"^made up +1 passed, 0 failed, 0 skipped; [2-9] s$", capsys.readouterr().err)


def test_what_another_checkout_found_hides_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIX_LAYERS_CACHE", str(tmp_path / "cache"))
    codes = {}
    for name, kind in (("good", "int"), ("bad", "str"), ("again", "int")):
        folder = tmp_path / name
        folder.mkdir()
        module = folder / "made_up.py"
        module.write_text(f"number: {kind} = 1\n")
        os.utime(module, (1, 1))
        check = checks.mypy("made up", "made_up.py", cwd=folder)
        codes[name] = subprocess.run(check.command(), cwd=folder, check=False).returncode
    assert codes == {"good": 0, "bad": 1, "again": 0}
    assert list(tmp_path.glob("cache/mypy/made-up/3.*/*"))


def test_a_suite_is_counted_test_by_test(quiet: Path) -> None:
    body = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n"
    counts = runners.run_suite(suite(quiet, body), "")
    assert counts.line() == "1 passed, 1 failed, 0 skipped"


def test_a_suite_without_tests_fails(quiet: Path) -> None:
    assert runners.run_suite(suite(quiet, ""), "").failed == 1


def test_a_suite_that_cannot_be_imported_fails(quiet: Path) -> None:
    assert runners.run_suite(suite(quiet, "import no_such_module\n"), "").failed >= 1


def test_a_skip_is_no_pass_and_fails_when_strict(
    quiet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = Counts()
    mixed.succeed()
    mixed.skip("a: why")
    monkeypatch.setattr(testing, "run_suite", lambda *_: mixed)
    monkeypatch.setattr(testing, "SUITES", checks.SUITES[1:2])
    assert testing.test([]) == 0
    shown = capsys.readouterr()
    assert "1 passed, 0 failed, 1 skipped" in shown.out
    assert "skipped: a: why" in shown.err
    monkeypatch.setenv("STRICT", "1")
    assert testing.test([]) == 1
    shown = capsys.readouterr()
    assert "1 passed, 1 failed, 0 skipped" in shown.out
    assert "failed: skipped, and STRICT=1: a: why" in shown.err


@pytest.mark.parametrize("yields", [False, True])
def test_what_yields_has_the_lowest_priority(quiet: Path, yields: bool) -> None:
    expected = 19 if yields else os.nice(0)
    body = f"import os\ndef test_it(): assert os.nice(0) == {expected}\n"
    assert runners.run_suite(suite(quiet, body, yields=yields), "").line() == (
        "1 passed, 0 failed, 0 skipped"
    )


def test_what_make_test_starts_can_be_interrupted(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys\n"
        "from layerctl import testing\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "if sys.argv[1:] == ['hear']: testing.hear_interrupts()\n"
        "child = 'import os, signal; os.kill(os.getpid(), signal.SIGINT)'\n"
        "sys.exit(subprocess.run([sys.executable, '-c', child], stderr=-3).returncode != 0)\n"
    )
    codes = [
        subprocess.run([sys.executable, "-c", code, *args], check=False).returncode
        for args in ([], ["hear"])
    ]
    assert codes == [0, 1]


def test_nothing_run_is_not_a_pass(quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert testing.test([]) == 1
    assert "0 passed, 0 failed, 0 skipped" in capsys.readouterr().out


def test_an_unknown_group_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no test group 'unot'"):
        testing.test(["unot"])


def test_shell_scripts_are_found_by_their_first_line() -> None:
    found = checks.shell_files()
    assert "layer1-env/bootstrap.sh" in found
    assert "README.md" not in found


@pytest.mark.skipif(bats.missing() != "", reason=f"bats is not here. Enable: {bats.ENABLE}")
def test_shell_tests_are_counted_one_by_one(quiet: Path) -> None:
    (quiet / "tests").mkdir()
    body = '@test "a" { true; }\n@test "b" { false; }\n@test "c" { skip "why"; }\n'
    (quiet / "tests/made.bats").write_text(body)
    suite = Suite("made up", bats.PROJECT, quiet / "tests")
    assert runners.run_suite(suite, "").line() == "1 passed, 1 failed, 1 skipped"


def test_shell_tests_without_bats_are_a_named_skip(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(quiet))
    counts = runners.run_suite(Suite("made up", bats.PROJECT, quiet), "")
    assert counts.line() == "0 passed, 0 failed, 1 skipped"
    assert counts.reasons == [f"made up: no bats and no zstd. Enable: {bats.ENABLE}"]
