"""Evidence holds figures, is whole or absent, and nothing passes without facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerctl import evidence
from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evidence, "EVIDENCE", tmp_path)
    return tmp_path


def test_it_holds_what_the_contract_names(place: Path) -> None:
    Evidence("3.1", "make layer3", facts={"lines": 7}).save("passed")
    record = json.loads((place / "3.1.json").read_text())
    assert list(record) == [
        "id",
        "command",
        "engine",
        "mark",
        "started",
        "seconds",
        "peak_rss_mb",
        "result",
        "facts",
    ]
    assert record["facts"] == {"lines": 7}
    assert list(place.iterdir()) == [place / "3.1.json"]


def test_passed_without_facts_is_refused(place: Path) -> None:
    with pytest.raises(LayerctlError, match="without facts"):
        Evidence("3.1", "make layer3").save("passed")
    assert not list(place.iterdir())


@pytest.mark.parametrize(("result", "mark"), [("ok", "real engine"), ("passed", "simulated")])
def test_other_words_are_refused(result: str, mark: str) -> None:
    with pytest.raises(LayerctlError, match="want one of"):
        Evidence("3.1", "make layer3", mark=mark, facts={"lines": 7}).save(result)


def test_one_line_shows_a_run() -> None:
    Evidence("3.1", "make layer3", facts={"lines": 7, "lost": 0}).save("passed")
    (line,) = evidence.show([])
    assert line.startswith("3.1  passed  real engine (native)")
    assert line.endswith("lines 7 - lost 0")


def test_missing_and_damaged_evidence_is_named(place: Path) -> None:
    with pytest.raises(LayerctlError, match="is missing"):
        evidence.read("9.9")
    (place / "9.9.json").write_text("{")
    with pytest.raises(LayerctlError, match="is not JSON"):
        evidence.read("9.9")
    (place / "9.9.json").write_text('{"result": "fine"}')
    with pytest.raises(LayerctlError, match="is not evidence"):
        evidence.read("9.9")
