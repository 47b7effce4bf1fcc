"""Dependency review: each rule refuses what it is for, and takes what is right."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from review import __main__ as program
from review import audit, changes, judge, licences

from layerctl.errors import UsageError
from layerctl.locks import exported
from layerctl.paths import PROJECTS, VENV

HASH, OTHER = "a" * 64, "b" * 64
POLICY = """licences = ["MIT"]
[[accept]]
package = "old"
version = "0.9"
rule = "downgrade"
reason = "1.0 loses data"
"""


def lines(**pins: str) -> str:
    """A requirements file; a hash may stand behind the version."""
    wished = {name: (*pin.split(), HASH)[:2] for name, pin in pins.items()}
    return "".join(f"{n}=={v} \\\n    --hash=sha256:{h}\n" for n, (v, h) in wished.items())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit: first 1.0 and old 1.0 are locked."""
    (tmp_path / "project").mkdir()
    write(tmp_path, lines(first="1.0", old="1.0"))
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        who = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "project/requirements.txt").write_text(text)


def verdicts(folder: Path, base: str = "HEAD") -> dict[str, tuple[str, str]]:
    """Kind and verdict by package."""
    _, said, _ = program.review(folder, base)
    rows = [line.strip("| ").split(" | ") for line in said if line.startswith("| ")][1:]
    return {row[1]: (row[0], row[-1]) for row in rows}


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the index and the database would say."""
    told = {"free": "MIT", "copyleft": "GPL-3.0-only", "first": "MIT", "old": "MIT", "holed": "MIT"}
    monkeypatch.setattr(licences, "fetch", lambda *_: told)
    monkeypatch.setattr(audit, "known", lambda *_: audit.Answer({"holed": ["CVE-1"]}))
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    monkeypatch.setattr(judge, "load", lambda: load_policy(policy))


load_policy = judge.load


@pytest.mark.parametrize(
    ("after", "package", "kind", "verdict"),
    [
        ({"first": "1.0", "old": "1.0", "free": "1"}, "free", "new", "taken"),
        ({"first": "1.10", "old": "1.0"}, "first", "upgrade", "taken"),
        ({"old": "1.0"}, "first", "removed", "taken"),
        (
            {"first": "1.0", "old": "1.0", "copyleft": "1"},
            "copyleft",
            "new",
            "refused: licence GPL-3.0-only",
        ),
        (
            {"first": "1.0", "old": "1.0", "nobody": "1"},
            "nobody",
            "new",
            "refused: licence unknown",
        ),
        ({"first": "1.0rc1", "old": "1.0"}, "first", "downgrade", "refused: older than 1.0"),
        (
            {"first": f"1.0 {OTHER}", "old": "1.0"},
            "first",
            "hashes",
            "refused: other files under the same version",
        ),
        (
            {"first": "1.0", "old": "1.0", "holed": "1"},
            "holed",
            "new",
            "refused: known vulnerable: CVE-1",
        ),
        (
            {"first": "1.0", "old": "0.9"},
            "old",
            "downgrade",
            "older than 1.0; accepted: 1.0 loses data",
        ),
        ({"first": "1.0", "old": "0.8"}, "old", "downgrade", "refused: older than 1.0"),
    ],
)
def test_a_change_is_shown_and_judged(
    repository: Path, after: dict[str, str], package: str, kind: str, verdict: str
) -> None:
    write(repository, lines(**after))
    assert verdicts(repository) == {package: (kind, verdict)}
    refused, _, _ = program.review(repository, "HEAD")
    assert refused == verdict.startswith("refused")


def test_nothing_changed_is_said_and_an_unknown_commit_is_an_error(repository: Path) -> None:
    assert program.review(repository, "HEAD")[1][0].startswith("Dependencies: no lock file changed")
    assert "first commit" in program.review(repository, changes.NO_COMMIT)[1][0]
    with pytest.raises(UsageError, match="git fetch"):
        program.review(repository, "f" * 40)


def test_a_skip_is_said_and_fails_where_everything_must_run(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, lines(first="1.1", old="1.0"))
    monkeypatch.setattr(program, "ROOT", repository)
    monkeypatch.setattr("sys.argv", ["review", "HEAD"])
    assert program.main() == 0
    assert "skipped" not in capsys.readouterr().err
    monkeypatch.setattr(audit, "known", lambda *_: audit.Answer(unasked="no route to host"))
    monkeypatch.delenv("STRICT", raising=False)
    assert program.main() == 0
    said = capsys.readouterr()
    assert "skipped: vulnerabilities: no route to host. Enable: " in said.err
    assert "not all looked up" in said.out
    monkeypatch.setenv("STRICT", "1")
    assert program.main() == 1


def test_an_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(POLICY.replace("1.0 loses data", " "))
    with pytest.raises(UsageError, match="reason"):
        load_policy(wrong)


def test_a_package_that_the_audit_passed_over_is_not_green() -> None:
    rows = [
        {"name": "a", "version": "1", "vulns": [{"id": "CVE-2"}]},
        {"name": "b", "skip_reason": "not found"},
        {"name": "c", "version": "1", "vulns": []},
    ]
    found = audit.answer(json.dumps({"dependencies": rows}), "")
    assert found == audit.Answer({"a": ["CVE-2"]}, "1 of 3 packages: not found")
    assert audit.answer("", "line\nno route to host\n").unasked == "no route to host"
    assert audit.answer(json.dumps({"dependencies": rows[2:]}), "") == audit.Answer()


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND BSD-3-Clause", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", False),
        ("GPL-3.0-only", False),
        ("", False),
    ],
)
def test_of_alternatives_one_is_enough_and_else_all_are_needed(
    expression: str, taken: bool
) -> None:
    assert licences.permitted(expression, load_policy().licences) is taken


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT\nClassifier: License :: OSI Approved :: BSD License", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\nLicense: x", "BSD License"),
        ("Classifier: License :: OSI Approved\nLicense: Apache 2.0", "Apache 2.0"),
        ("License: " + "long " * 20, ""),
        ("Summary: none", ""),
    ],
)
def test_the_licence_is_what_the_metadata_say(tmp_path: Path, metadata: str, licence: str) -> None:
    info = tmp_path / "Some_Name-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: Some_Name\n{metadata}\n")
    assert licences.found(tmp_path) == {"some-name": licence}


def test_what_is_installed_today_would_be_taken() -> None:
    policy, seen = load_policy(), 0
    for folder in VENV.glob("*/lib/python*/site-packages"):
        for name, licence in licences.found(folder).items():
            change = changes.Change(name, "new", (), ("1",))
            assert judge.judge(change, {name: licence}, {}, policy)[0], f"{name}: {licence}"
            seen += 1
    assert seen > 30


def test_licences_come_from_the_locked_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    pins = exported((PROJECTS["layerctl"] / "requirements-dev.txt").read_text())
    ((version, hashes),) = [(v, h) for (name, v), h in pins.items() if name == "packaging"]
    options = " ".join(f"--hash=sha256:{each}" for each in hashes)
    for folder in ("right", "forged"):
        (tmp_path / folder).mkdir()
    right = licences.fetch(f"packaging=={version} {options}\n", tmp_path / "right")
    assert right == {"packaging": "Apache-2.0 OR BSD-2-Clause"}
    forged = f"packaging=={version} --hash=sha256:{HASH}\n"
    assert licences.fetch(forged, tmp_path / "forged") == {}
