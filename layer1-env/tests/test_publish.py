"""Versions that are demanded, files that are alike, a reference that does not drift."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import requests
from publish import __main__ as program
from publish import api, build, index, version

from layerctl.errors import LayerctlError
from layerctl.paths import PROJECTS, ROOT, toolchain

SLOKIT = PROJECTS["slokit"]
SOURCE = """def first(a: int) -> int:
    return a


def second() -> None:
    pass
"""


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def write(project: Path, number: str, source: str) -> None:
    (project / "pyproject.toml").write_text(f'[project]\nname = "slokit"\nversion = "{number}"\n')
    (project / "CHANGELOG.md").write_text(f"# Changelog\n\n## {number} - today\n\n- A change.\n")
    (project / "src/slokit/one.py").write_text(source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library in a folder of a repository, as slokit is; nothing is released yet."""
    target = tmp_path / "layer/slokit"
    (target / "src/slokit").mkdir(parents=True)
    (target / "src/slokit/__init__.py").touch()
    git(tmp_path, "init", "-q")
    return target


def release(project: Path, number: str) -> None:
    write(project, number, SOURCE)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", number)
    git(project, "tag", f"slokit-v{number}")


REMOVED = SOURCE.partition("\n\n\n")[0] + "\n"
NARROWED = SOURCE.replace("a: int", "a: int, b: int")
ADDED = SOURCE + "\n\ndef third() -> None:\n    pass\n"
TOUCHED = SOURCE.replace("return a", "return +a")
PRIVATE = SOURCE + "\n\ndef _hidden() -> None:\n    pass\n"


@pytest.mark.parametrize(
    ("released", "source", "least"),
    [
        ("1.2.3", REMOVED, "2.0.0"),
        ("1.2.3", NARROWED, "2.0.0"),
        ("1.2.3", ADDED, "1.3.0"),
        ("1.2.3", TOUCHED, "1.2.4"),
        ("1.2.3", PRIVATE, "1.2.4"),
        ("0.3.1", REMOVED, "0.4.0"),
        ("0.3.1", ADDED, "0.3.2"),
    ],
)
def test_the_right_step_is_demanded(project: Path, released: str, source: str, least: str) -> None:
    release(project, released)
    write(project, released, source)
    with pytest.raises(LayerctlError, match=f"need {least} or more"):
        version.check(project)
    write(project, least, source)
    assert version.check(project)["least"] == least


def test_nothing_changed_needs_nothing(project: Path) -> None:
    release(project, "1.0.0")
    assert version.check(project)["least"] == "1.0.0"


def test_a_release_is_compared_with_the_one_before(project: Path) -> None:
    """The tag of the release itself stands on the same commit: compared with it, all is well."""
    release(project, "1.0.0")
    write(project, "1.0.1", REMOVED)
    git(project, "commit", "-q", "-a", "-m", "too small")
    git(project, "tag", "slokit-v1.0.1")
    assert version.check(project)["broken"] == 0
    with pytest.raises(LayerctlError, match=r"need 2\.0\.0 or more"):
        version.check(project, releasing="slokit-v1.0.1")


def test_a_changelog_without_the_version_is_refused(project: Path) -> None:
    write(project, "0.1.0", SOURCE)
    assert version.check(project)["compared_with"] == "nothing: no release yet"
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.1\n\n- x\n\n## 0.1.0\n\n")
    with pytest.raises(LayerctlError, match=r"says nothing about 0\.1\.0"):
        version.check(project)


def test_a_shallow_clone_is_not_taken_for_a_first_release(project: Path, tmp_path: Path) -> None:
    release(project, "1.0.0")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", "--no-tags", tmp_path.as_uri(), str(clone))
    with pytest.raises(LayerctlError, match="unshallow"):
        version.check(clone / "layer/slokit")


def test_slokit_itself_may_be_released() -> None:
    facts = version.check(SLOKIT)
    assert version.numbers(str(facts["version"]))


def test_the_reference_is_that_of_the_code(tmp_path: Path) -> None:
    assert api.check(SLOKIT)["public_names"]
    copy = tmp_path / "slokit"
    shutil.copytree(SLOKIT, copy, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    budget = copy / "src/slokit/budget.py"
    budget.write_text(budget.read_text().replace("def budget_left", "def budget_rest"))
    with pytest.raises(LayerctlError, match="make docs"):
        api.check(copy)
    api.write(copy)
    assert "budget_rest" in (copy / "API.md").read_text()


def test_two_builds_are_alike_and_a_clock_in_them_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build.twice(SLOKIT, tmp_path / "dist")
    wheel, sdist = build.contents(made)
    assert "slokit/data/formats.json" in wheel
    assert {"CHANGELOG.md", "LICENSE", "tests/made.py"} <= sdist
    assert not any(name.startswith("tests") for name in wheel)

    plain, clock = build.build, iter((build.OLDEST, build.OLDEST + 86400))
    monkeypatch.setattr(build, "build", lambda p, out, when: plain(p, out, when=next(clock)))
    with pytest.raises(LayerctlError, match="two builds differ"):
        build.twice(SLOKIT, tmp_path / "again")


def test_the_index_wants_the_password_also_for_reading(tmp_path: Path) -> None:
    with index.serve(tmp_path) as server, requests.Session() as asking:
        asking.trust_env = False  # no proxy of the reader's
        assert server.address.startswith("http://127.0.0.1:")
        for password, code in (("wrong", 403), ("", 200)):
            address = server.simple(password=password)
            assert asking.get(address, timeout=30).status_code == code


def test_the_licence_of_the_package_is_that_of_the_repository() -> None:
    assert (SLOKIT / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_poetry_is_the_one_that_locks() -> None:
    """Two environments have it, because lock.sh must work before either is locked."""
    locked = (PROJECTS["tools"] / "requirements.txt").read_text()
    assert f"\npoetry=={toolchain()['POETRY_VERSION']} " in locked


@pytest.mark.parametrize(
    ("word", "code", "says"), [("--help", 0, "Usage: "), ("nowhere", 2, "no project in 'nowhere'")]
)
def test_lock_says_what_it_takes_and_writes_nothing(
    tmp_path: Path, word: str, code: int, says: str
) -> None:
    command = [str(ROOT / "layer1-env/lock.sh"), word]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_prints_what_is_possible(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["publish", "everything"])
    assert program.main() == 2
    assert "release TAG OUT" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["publish", "release", "slokit-v9.9.9", "out"])
    assert program.main() == 1
    assert "is not slokit-v" in capsys.readouterr().err
