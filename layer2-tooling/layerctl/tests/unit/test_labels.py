"""What is ours is told by the label alone; engines that do not answer are said and harm nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from layerctl import labels, probes
from layerctl.errors import LayerctlError
from layerctl.probes import Probe


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(labels, "checkout_id", lambda: "0123456789ab")
    return "0123456789ab"


def test_only_clusters_with_our_id_in_their_name_are_ours(
    checkout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"six-layers-{checkout}\nsix-layers-ba9876543210\nkind\nmy-six-layers-{checkout}\n"
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/kind")
    monkeypatch.setattr(labels, "call", lambda *_: said)
    assert labels.clusters() == [f"six-layers-{checkout}"]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("[Unit]\nX-SixLayers=0123456789ab\n", True),
        ("[Unit]\nX-SixLayers=0123456789abc\n", False),
        ("[Unit]\n# X-SixLayers=0123456789ab\n", False),
        ("", False),
    ],
)
def test_a_unit_is_ours_by_its_whole_mark(
    checkout: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, ours: bool
) -> None:
    monkeypatch.setitem(labels.UNITS, "--system", tmp_path)
    (tmp_path / "six-layers.timer").write_text(text)
    assert bool(labels.units("--system")) == ours


def test_without_docker_nothing_is_touched_and_nothing_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(labels, "remove_units", lambda: [])
    assert (labels.stop(), labels.remove()) == ([], [])
    assert capsys.readouterr().err == ""


def test_an_engine_that_does_not_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/docker")
    monkeypatch.setattr(probes, "docker", lambda: Probe("Docker", False, "no permission"))
    assert labels.stop() == []
    assert "no permission; containers of this checkout, if there are any, stay" in (
        capsys.readouterr().err
    )


def test_a_command_that_fails_stops_the_cleaning() -> None:
    with pytest.raises(LayerctlError, match="sh -c exit 3 failed"):
        labels.call("sh", "-c", "exit 3")


def test_a_command_that_hangs_stops_the_cleaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "LIMIT_S", 0.1)
    with pytest.raises(LayerctlError, match="did not end"):
        labels.call("sleep", "5")
