"""The export is the tables, the totals and the histogram of the same pass."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from slokit import export, tables
from slokit.cli import main

HOP = (
    '{{"v":1,"ts":"2026-11-23T10:00:0{second}.250Z","request_id":"r","method":"GET",'
    '"route":"{route}","path":"/x","status":{status},"duration_ms":{ms},"bytes_out":0,'
    '"slug":"{slug}","client":"c","user_agent":null,"referer":null,"trace_id":null,'
    '"release":"1","colour":null}}\n'
)


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "access.jsonl"
    path.write_text(
        HOP.format(second=1, route="/{slug}", status=307, ms=3.5, slug="a")
        + HOP.format(second=2, route="/{slug}", status=503, ms=900.0, slug="a")
        + HOP.format(second=3, route="/{slug}", status=404, ms=1.0, slug="b")
        + HOP.format(second=9, route="/metrics", status=200, ms=1.0, slug="")
        + "not a line\n"
    )
    return str(path)


def test_totals_are_the_sums_of_the_rows(log: str) -> None:
    found = export.export([log], window_s=1, threshold_ms=250.0)
    assert (found["lines"], found["accepted"], found["rejected"]) == (5, 4, 1)
    assert (found["total"], found["good"], found["timed"], found["slow"]) == (3, 2, 3, 1)
    assert len(found["sli"]) == 3
    assert found["latency_histogram"]["timed"] == 3
    assert (found["first"], found["last"]) == (
        "2026-11-23T10:00:01.250Z",
        "2026-11-23T10:00:03.250Z",
    )


def test_rows_are_those_of_the_tables(log: str) -> None:
    found = export.export([log], window_s=300, threshold_ms=250.0)
    built = tables.build([log], window_s=300, threshold_ms=250.0)
    assert [row["total"] for row in found["sli"]] == [row.total for row in built.sli]
    assert found["clicks"] == [
        {"hour": "2026-11-23T10:00:00.000Z", "slug": "a", "clicks": 1, "clients": 1}
    ]
    assert found["rejects"] == [
        {"file": log, "reason": "format", "sample": "not a line", "lines": 1}
    ]


def test_the_command_writes_a_whole_file_or_none(
    log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new/tables.json"
    assert main(["tables", "--window-s", "1", "--out", str(out), log]) == 0
    assert [p.name for p in out.parent.iterdir()] == ["tables.json"]
    assert main(["tables", "--window-s", "1", log]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(out.read_text())


def test_the_threshold_comes_from_the_objectives(log: str, tmp_path: Path) -> None:
    objectives = {"availability": {"target": 0.9}, "latency": {"target": 0.9, "threshold_ms": 2}}
    hop = {"window_s": 2592000, "objectives": objectives, "burn": []}
    path = tmp_path / "objectives.json"
    path.write_text(json.dumps({"services": {"hop": hop}}))
    out = tmp_path / "out.json"
    assert main(["tables", "--objectives", str(path), "--out", str(out), log]) == 0
    assert json.loads(out.read_text())["slow"] == 2


def test_no_line_at_all_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    assert main(["tables", "--out", str(tmp_path / "out.json"), str(empty)]) == 4
    assert "not one line" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "here/tables.json"
    out.parent.mkdir()
    out.write_text("old")

    def cut(path: Path, text: str, encoding: str) -> int:
        path.write_bytes(text.encode(encoding)[:9])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", cut)
    assert main(["tables", "--out", str(out), log]) == 1
    assert f"cannot write {out}: No space left on device; look: df -h" in capsys.readouterr().err
    assert [each.name for each in out.parent.iterdir()] == ["tables.json"]
    assert out.read_text() == "old"


@pytest.mark.parametrize("seconds", ["0", "7", "x", "7200"])
def test_a_window_that_does_not_divide_an_hour_is_refused(log: str, seconds: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["tables", "--window-s", seconds, log])
