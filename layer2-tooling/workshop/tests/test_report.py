"""The notebook is executed with a project's kernel and becomes a page with a plot."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from workshop import kernels, report

LINE = (
    '192.0.2.1 - - [23/Nov/2026:10:00:{second:02} +0000] "GET /a HTTP/1.1" {status} 12 "-" "curl"\n'
)


def log_of(folder: Path, *, failed: int) -> Path:
    lines = [LINE.format(second=n, status=503 if n < failed else 200) for n in range(50)]
    path = folder / "access.log"
    path.write_text("".join(lines))
    return path


def test_a_log_becomes_a_page_with_its_plot(
    jupyter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "JUPYTER", jupyter / "jupyter")
    out = tmp_path / "page.html"
    found = report.execute(log_of(tmp_path, failed=5), out, kernel=kernels.name_of("slokit"))
    page = out.read_text()
    assert found["plots"] == 1
    assert "availability 90.00%: 5 of 50 failed" in page
    picture = page.split("data:image/png;base64,")[1].split('"')[0]
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_a_cell_that_fails_is_exit_1(
    jupyter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(report, "JUPYTER", jupyter / "jupyter")
    nothing = ["--log", str(tmp_path / "none.log"), "--out", str(tmp_path / "page.html")]
    assert report.main(nothing) == 1
    assert "none.log" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()
