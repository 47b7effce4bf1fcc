"""The parts that need no engine: order, policy, signatures, the hook's input."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from main_job.processes import Stopped
from pipeline import __main__ as command
from pipeline import image, place, release, repository, runner, scan, sign, stages, state, verdict
from pipeline.errors import OrderError, RefusedError
from pipeline.place import Place
from pipeline.state import State

from layerctl.errors import BusyError, LayerctlError

COMMIT = "a" * 40
OTHER = "sha256:" + "1" * 64
POLICY = {
    "ours": ["hop"],
    "licences": ["MIT", "Apache-2.0"],
    "licence_not_named": [],
    "deny": [{"name": "h11", "below": "0.16.0", "why": "CVE"}],
}
needs_keys = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None,
    reason="no ssh-keygen. Enable: sudo apt install openssh-client",
)


@pytest.fixture
def here(tmp_path: Path) -> Place:
    made = Place(tmp_path / "home", tmp_path)
    made.run.mkdir(parents=True)
    return made


def component(name: str, version: str, licence: str = "MIT") -> dict[str, Any]:
    listed = [{"license": {"id": licence}}] if licence else []
    purl = f"pkg:pypi/{name}@{version}"
    return {"name": name, "version": version, "purl": purl, "licenses": listed}


def test_a_stage_waits_for_those_before_it(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    state.write(here.state, State(COMMIT, passed=["test", "build"]))
    assert stages.begin(here, "scan").commit == COMMIT
    with pytest.raises(OrderError, match="deploy comes after scan, which has not passed"):
        stages.begin(here, "deploy")
    monkeypatch.setenv("PIPELINE_COMMIT", "b" * 40)
    assert stages.begin(here, "test") == State("b" * 40)


def test_a_failed_stage_is_written_down(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise LayerctlError("no")

    monkeypatch.setenv("PIPELINE_COMMIT", COMMIT)
    monkeypatch.setitem(stages.BY_NAME, "test", stages.Stage("test", fail))
    with pytest.raises(LayerctlError, match="no"):
        stages.run(here, "test")
    found = state.read(here.state)
    assert (found.failed, found.passed) == ("test", [])


def test_a_state_that_is_not_ours_is_named(here: Place) -> None:
    with pytest.raises(LayerctlError, match="no run of the pipeline is under way"):
        state.read(here.state)
    here.state.write_text('{"commit": 1}')
    with pytest.raises(LayerctlError, match="is not a run's state"):
        state.read(here.state)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (component("h11", "0.14.0"), "h11 0.14.0: CVE"),
        (component("h11", "0.16.0", "GPL-3.0-only"), "h11 0.16.0: licence GPL-3.0-only is not"),
        (component("h11", "0.16.0", ""), "h11 0.16.0: names no licence"),
        (component("h11", "0.17.0"), "h11 0.17.0: the lock says 0.16.0"),
        (component("left-pad", "1.0"), "left-pad 1.0: the lock says nothing of it"),
    ],
)
def test_what_the_policy_does_not_allow_is_named(part: dict[str, Any], said: str) -> None:
    lock = 'h11==0.16.0 ; python_version >= "3.11"\n'
    good = {"components": [component("h11", "0.16.0"), component("hop", "0.1.0")]}
    assert scan.problems(good, lock, POLICY) == []
    older = lock.replace("0.16.0", "0.14.0") if "0.14.0" in said else lock
    (found,) = scan.problems({"components": [part]}, older, POLICY)
    assert found.startswith(said)


def test_versions_are_compared_by_their_numbers() -> None:
    assert scan.numbers("0.9.10") > scan.numbers("0.9.9")
    with pytest.raises(LayerctlError, match="cannot be compared"):
        scan.numbers("latest")


@pytest.fixture
def signed(here: Place) -> Place:
    here.sbom.write_text("{}")
    sign.run(here, State(COMMIT, image_id=OTHER, passed=["test", "build", "scan"]))
    return here


@needs_keys
def test_what_we_signed_is_believed(signed: Place) -> None:
    sign.check(signed.run, signed.signers, OTHER)
    assert signed.key.stat().st_mode & 0o777 == 0o600


@needs_keys
def test_what_was_signed_by_another_or_is_about_another_is_not(
    signed: Place, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="about another image"):
        sign.check(signed.run, signed.signers, "sha256:" + "2" * 64)
    stranger = Place(tmp_path / "stranger")
    sign.key(stranger)
    with pytest.raises(RefusedError, match="nobody's that"):
        sign.check(signed.run, stranger.signers, OTHER)
    # Signed by us, but for another purpose.
    words = ["-Y", "sign", "-q", "-n", "git", "-f", str(signed.key), str(signed.statement)]
    signed.run.joinpath("statement.json.sig").unlink()
    subprocess.run(["ssh-keygen", *words], check=True)
    with pytest.raises(RefusedError, match="nobody's that"):
        sign.check(signed.run, signed.signers, OTHER)


@needs_keys
@pytest.mark.parametrize("file", ["statement.json", "sbom.cdx.json"])
def test_what_was_changed_afterwards_is_not_believed(signed: Place, file: str) -> None:
    path = signed.run / file
    path.write_text(path.read_text() + " ")
    with pytest.raises(RefusedError):
        sign.check(signed.run, signed.signers, OTHER)


@needs_keys
def test_a_key_that_others_can_read_is_refused(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sign.key(here)
    path.chmod(0o644)
    with pytest.raises(RefusedError, match="chmod 600"):
        sign.key(here)
    monkeypatch.setenv("PIPELINE_KEY", str(here.home / "nowhere"))
    with pytest.raises(RefusedError, match="no signing key at"):
        sign.key(here)


def test_a_tag_is_never_deployed(here: Place) -> None:
    with pytest.raises(RefusedError, match="names no digest"):
        release.trusted(here, "127.0.0.1:5000/hop:current")


def test_a_signature_has_its_images_name() -> None:
    assert image.attached("r:5000/hop@sha256:ab") == "r:5000/hop:sha256-ab.att"


@pytest.mark.parametrize(("at", "rolled_back"), [("build", False), ("promote", True)])
@pytest.mark.parametrize("cut_off", [False, True])
def test_what_a_stage_touched_is_rolled_back_however_it_ends(
    at: str, rolled_back: bool, cut_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []

    def stage(name: str, *_: object) -> int:
        called.append(name)
        if name == at and cut_off:
            raise Stopped(signal.SIGINT)
        return 1 if name == at else 0

    monkeypatch.setattr(runner, "stage", stage)
    with pytest.raises(Stopped) if cut_off else contextlib.nullcontext():
        assert runner.sequence({}, called.append) == 1
    before = list(stages.NAMES[: stages.NAMES.index(at) + 1])
    assert called == [*before, *(["rollback"] if rolled_back else [])]


def test_only_main_is_delivered_and_never_deleted() -> None:
    main, other = "refs/heads/main", "refs/heads/topic"
    new, nothing = "b" * 40, repository.NOTHING
    assert repository.wanted(f"{COMMIT} {new} {main}\n{COMMIT} {COMMIT} {other}\n") == [new]
    assert repository.wanted(f"{COMMIT} {nothing} {other}\n") == []
    with pytest.raises(RefusedError, match="cannot be deleted"):
        repository.wanted(f"{COMMIT} {nothing} {main}\n")


def test_one_run_at_a_time(here: Place) -> None:
    with repository.alone(here), pytest.raises(BusyError), repository.alone(here):
        pass
    with repository.alone(here):
        pass


def test_the_hook_names_its_home_even_with_a_space(tmp_path: Path) -> None:
    made = repository.make(Place(tmp_path / "a b"))
    hook = (made / "hooks/pre-receive").read_text()
    assert f"PIPELINE_HOME='{tmp_path}/a b' exec " in hook


def test_the_source_says_which_commit_it_is(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIPELINE_COMMIT", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.source.parent))
    with pytest.raises(LayerctlError, match="is no git checkout"):
        place.commit(here)


@pytest.mark.parametrize("words", [[], ["ship"], ["test", "build"]])
def test_an_unknown_stage_is_a_usage_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(words) == 2
    assert capsys.readouterr().err


def test_the_statement_says_what_passed() -> None:
    made = sign.statement(State(COMMIT, image_id=OTHER, passed=["test"]), Path(__file__))
    assert json.loads(json.dumps(copy.deepcopy(made))) == made
    assert made["subject"][0]["digest"] == {"sha256": "1" * 64}
    assert made["predicate"]["buildDefinition"]["internalParameters"] == {"passed": ["test"]}


class Seen:
    """A deployment whose proxy has seen these paths."""

    def seen(self, replica: str) -> list[dict[str, Any]]:
        paths = ("/abc", "/livez", "/metrics", "/docs?a=1", "/version", "/abc?b=/metrics")
        return [{"server": replica, "path": path} for path in paths]


def test_the_verdict_counts_what_slokit_counts() -> None:
    kept = [json.loads(line)["path"] for line in verdict.lines(Seen(), "hop-1")]  # type: ignore[arg-type]
    assert kept == ["/abc", "/abc?b=/metrics"]


@pytest.mark.parametrize("code", [0, 1])
def test_a_rollback_that_fails_is_said_aloud(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(runner, "stage", lambda name, *_: code if name == "rollback" else 1)
    monkeypatch.setattr(stages, "STAGES", (stages.BY_NAME["deploy"],))
    assert runner.sequence({}, said.append) == 1
    assert bool(said) is bool(code)
    assert all("two releases may serve now" in line for line in said)
