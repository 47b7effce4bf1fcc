"""The summary of a pull request: counts and coverage, from the files that a run leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerctl import summary
from layerctl.errors import LayerctlError


def test_it_counts_tests_and_names_coverage(tmp_path: Path) -> None:
    (tmp_path / "junit-api-api.xml").write_text(
        "<testsuites><testsuite><testcase name='a'/><testcase name='b'>"
        "<failure message='no'/></testcase></testsuite></testsuites>"
    )
    (tmp_path / "test-hop.log").write_text("x 10 0 100%\nTOTAL   3040   12   98%\n")
    (tmp_path / "test-slo.log").write_text("3 passed\n")
    text = summary.markdown(tmp_path, tmp_path / "none")
    assert "| api-api | 1 | 1 | 0 |" in text
    assert "| hop | 98 % |" in text
    assert "slo" not in text


def test_nothing_tested_is_an_error_and_no_green_page(tmp_path: Path) -> None:
    with pytest.raises(LayerctlError, match="Next: make test"):
        summary.markdown(tmp_path, tmp_path)


def evidence(folder: Path, name: str, result: str, **facts: object) -> None:
    folder.mkdir(exist_ok=True)
    record = {"id": name, "result": result, "facts": facts}
    (folder / f"{name}.json").write_text(json.dumps(record))


def test_evidence_that_changed_is_shown_and_chance_is_not(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    evidence(now, "2.1", "passed", image_mb=98.3, seconds=10.0, uid=65532)
    assert len(summary.changed(before, now)) == 4
    summary.keep(now, before)
    assert summary.changed(before, now) == []
    evidence(now, "2.1", "failed", image_mb=150.0, seconds=11.0, shells="sh")
    evidence(before, "2.9", "passed", kept=1)
    assert summary.changed(before, now) == [
        "| 2.1 | image_mb | 98.3 | 150.0 |",
        "| 2.1 | result | passed | failed |",
        "| 2.1 | shells | - | sh |",
        "| 2.1 | uid | 65532 | - |",
    ]
