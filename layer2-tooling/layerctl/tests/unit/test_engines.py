"""An engine that is absent is said, counted, and accepted only when the committed list says so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerctl import engines, environments, runners, testing
from layerctl.checks import Suite
from layerctl.counts import Counts
from layerctl.errors import UsageError
from layerctl.paths import ROOT, checkout_id


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    engines.absent.cache_clear()
    yield
    engines.absent.cache_clear()


def without(monkeypatch: pytest.MonkeyPatch, name: str, reason: str = "it is away") -> None:
    monkeypatch.setitem(engines.PROBES, name, lambda: reason)


def test_an_absent_engine_names_the_command_that_enables_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "kind")
    assert engines.absent("kind") == "kind: it is away. Enable: make engines ENGINE=kind"
    assert engines.absent("native") == ""


def test_an_absence_is_accepted_by_name_and_reason_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "absences"
    listed.write_text("# kind\tcomment\nkind\tno nested virt.*\nterraform\n")
    assert engines.accepted("kind", "kind: no nested virtualisation", listed)
    assert not engines.accepted("kind", "kind: no cluster", listed)
    assert not engines.accepted("docker", "no nested virtualisation", listed)
    assert not engines.accepted("terraform", "anything", listed)


@pytest.mark.parametrize(("engine", "failed"), [("all", 1), ("", 0)])
def test_ci_fails_where_an_engine_should_be_and_is_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: str,
    failed: int,
) -> None:
    for name in engines.PROBES:
        without(monkeypatch, name, "it is away" if name == "kind" else "")
    monkeypatch.setenv("ENGINE", engine)
    monkeypatch.delenv("STRICT", raising=False)
    monkeypatch.setattr(testing, "CHECKS", ())
    monkeypatch.setattr(testing, "SUITES", (Suite("made up", "layerctl", tmp_path),))
    one = Counts()
    one.succeed()
    monkeypatch.setattr(testing, "run_suite", lambda *_: one)
    monkeypatch.setattr(environments, "setup", lambda *_, **__: 0)
    assert testing.test([]) == failed
    shown = capsys.readouterr()
    assert shown.out == f"1 passed, {failed} failed, 0 skipped\n"
    assert ("failed: kind: it is away" in shown.err) == bool(failed)


def test_a_test_of_an_absent_engine_is_skipped_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text(
        "import pytest\n"
        "from layerctl import engines\n"
        "engines.PROBES.update(kind=lambda: 'it is away', docker=lambda: '')\n"
        "@pytest.mark.kind\ndef test_kind(): assert 0\n"
        "@pytest.mark.docker\ndef test_docker(): pass\n"
        "def test_plain(): pass\n"
    )
    monkeypatch.setattr(runners, "LOGS", tmp_path)
    suite = Suite("made up", "layerctl", tmp_path, coverage=False)
    counts = runners.run_suite(suite, "")
    assert counts.line() == "2 passed, 0 failed, 1 skipped"
    assert "Enable: make engines ENGINE=kind" in counts.reasons[0]
    assert runners.run_suite(suite, "native").line() == "1 passed, 0 failed, 0 skipped"
    assert runners.run_suite(suite, "docker").line() == "1 passed, 0 failed, 0 skipped"
    assert [line.split()[0] for line in counts.by_engine()] == ["docker", "kind", "native"]


@pytest.mark.parametrize(("name", "value"), [("ENGINE", "dokcer"), ("LAYER", "9")])
def test_a_mistyped_choice_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=value):
        testing.test([])


@pytest.mark.parametrize(
    ("folder", "layer"),
    [("layer1-env/slokit", "1"), ("layer3-pipelines", "3"), (".", "2"), (".ci/engines", "2")],
)
def test_each_folder_belongs_to_one_layer(
    monkeypatch: pytest.MonkeyPatch, folder: str, layer: str
) -> None:
    found = []
    for n in "012345":
        monkeypatch.setenv("LAYER", n)
        found += [n] if testing.here(ROOT / folder) else []
    assert found == [layer]


@pytest.mark.parametrize("own", [False, True])
def test_shell_and_python_agree_where_the_engines_are(tmp_path: Path, own: bool) -> None:
    cache = tmp_path / "a cache"
    (tmp_path / ".docker").mkdir()
    if own:
        (tmp_path / ".docker/config.json").touch()
    (cache / "docker").mkdir(parents=True)
    base = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SIX_LAYERS_CACHE": str(cache)}
    names = ("SIX_LAYERS_CACHE", "PATH", "DOCKER_CONFIG")
    script = f"source '{ROOT}/.ci/engines/env.bash'; printf '%s\\n' " + " ".join(
        f'"${{{n}-}}"' for n in names
    )
    done = subprocess.run(["bash", "-c", script], env=base, capture_output=True, text=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        for name, value in base.items():
            patch.setenv(name, value)
        ours = engines.environment()
    assert done.stdout.split("\n")[:3] == [ours.get(name, "") for name in names]
    assert ("DOCKER_CONFIG" in ours) != own


def test_shell_and_python_agree_on_the_label() -> None:
    script = f"source '{ROOT}/.ci/engines/common.bash'; printf %s \"$checkout\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.stdout == checkout_id()
