"""The summary of a pull request: counts and coverage, from the files that a run leaves."""

from __future__ import annotations

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
