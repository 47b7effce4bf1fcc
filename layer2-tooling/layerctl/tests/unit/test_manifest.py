"""The manifest covers the curriculum, and a row cannot claim more than it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layerctl import manifest
from layerctl.errors import LayerctlError
from layerctl.manifest import Manifest, Row

BUILT = Row(
    id="3.1",
    layer=3,
    title="x",
    state="built",
    command="make layer3",
    engine="native",
    mark="real engine",
    evidence=".run/evidence/3.1.json",
    control="make layer3-break SCENARIO=burn",
    minutes=1,
    memory_mb=10,
)


@pytest.fixture
def real() -> Manifest:
    return manifest.load()


def test_the_committed_manifest_is_sound(real: Manifest) -> None:
    assert real.problems() == []
    assert len(real.deliverables) == 29
    assert len(real.concepts) == 56


def test_a_lost_deliverable_is_noticed(real: Manifest) -> None:
    shorter = replace(real, deliverables=real.deliverables[1:])
    assert any("deliverables must be 0.1" in problem for problem in shorter.problems())


def test_a_lost_concept_is_noticed(real: Manifest) -> None:
    shorter = replace(real, concepts=real.concepts[:-1])
    assert any("concepts must be c0.1" in problem for problem in shorter.problems())


def test_a_lesson_that_does_not_exist_is_noticed(real: Manifest) -> None:
    first = real.concepts[0] | {"lesson": "layer0-bash/lessons/none.md"}
    broken = replace(real, concepts=(first, *real.concepts[1:]))
    assert broken.problems() == ["c0.1: lesson layer0-bash/lessons/none.md does not exist"]


def test_a_built_row_is_complete() -> None:
    assert BUILT.problems() == []


@pytest.mark.parametrize("field", ["command", "engine", "mark", "evidence", "control"])
def test_a_built_row_without_one_of_its_proofs_is_refused(field: str) -> None:
    row = replace(BUILT, **{field: ""})  # type: ignore[arg-type]
    assert f"3.1: built, but without {field}" in row.problems()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mark": "looks fine"}, "mark 'looks fine' is none of"),
        ({"state": "done"}, "state 'done' is none of"),
        ({"layer": 6}, "layer 6 does not exist"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(
    change: dict[str, object], complaint: str
) -> None:
    row = replace(BUILT, **change)  # type: ignore[arg-type]
    assert any(complaint in problem for problem in row.problems())


def test_built_without_evidence_is_named(
    real: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "EVIDENCE", tmp_path)
    claimed = replace(real, deliverables=(BUILT,), jobs=())
    assert claimed.missing_evidence() == [
        "3.1: no evidence of a run that passed. Next: make layer3"
    ]
    (tmp_path / "3.1.json").write_text('{"result": "failed"}')
    assert claimed.missing_evidence()
    (tmp_path / "3.1.json").write_text('{"result": "passed"}')
    assert claimed.missing_evidence() == []


def test_the_table_says_plainly_what_is_planned(real: Manifest) -> None:
    text = manifest.table(real)
    assert text.count("\n| ") == 29
    assert "Planned means that nothing of it is here yet." in text


def test_only_layers_in_which_something_runs_are_in_the_matrix(real: Manifest) -> None:
    none = replace(real, deliverables=(), jobs=())
    assert manifest.matrix(none) == []
    one = replace(real, deliverables=(BUILT,), jobs=())
    entry = {"layer": 3, "folder": "layer3-pipelines", "engines": "", "proof": False}
    assert manifest.matrix(one) == [entry]
    runs = replace(one, deliverables=(replace(BUILT, default=True, run=("x",)),))
    assert manifest.matrix(runs) == [entry | {"proof": True}]
    systemd, kind = replace(BUILT, engine="systemd"), replace(BUILT, engine="kind")
    more = replace(real, deliverables=(BUILT, systemd, kind), jobs=())
    assert manifest.matrix(more) == [entry | {"engines": "kind systemd"}]


def test_a_region_is_replaced_and_the_rest_kept() -> None:
    text = "before\n<!-- generated: t -->\nold\n<!-- end -->\nafter\n"
    new = manifest.replace_region(text, "t", r"new \1")
    assert new == "before\n<!-- generated: t -->\nnew \\1\n<!-- end -->\nafter\n"


@pytest.mark.parametrize("text", ["no markers", "<!-- generated: t -->\na\n<!-- end -->\n" * 2])
def test_a_region_that_is_not_there_once_is_an_error(text: str) -> None:
    with pytest.raises(LayerctlError, match="exactly once"):
        manifest.replace_region(text, "t", "new")


@pytest.mark.parametrize("text", ["not = [toml", 'deliverable = [{id = "0.1", colour = "red"}]'])
def test_a_broken_manifest_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deliverables.toml"
    path.write_text(text)
    with pytest.raises(LayerctlError, match=r"deliverables\.toml"):
        manifest.load(path)
