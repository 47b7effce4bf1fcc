"""Without a verdict a run has failed, and says where the rejected lines are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from main_job.__main__ import main

from layerctl.evidence import Evidence


@pytest.mark.parametrize(
    ("verdict", "code", "result", "step"),
    [
        ("NO DATA", 4, "failed", "name more logs, or see in the report why lines were rejected"),
        ("SHIP", 0, "passed", "make evidence"),
        ("FREEZE", 0, "passed", "make evidence"),
    ],
)
def test_the_exit_code_and_the_evidence_say_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verdict: str,
    code: int,
    result: str,
    step: str,
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(Evidence, "save", lambda _, result: saved.append(result))
    monkeypatch.setattr("main_job.job.from_logs", lambda *_: {"verdict": verdict})
    monkeypatch.setattr("main_job.__main__.stop_on_signals", lambda: None)
    monkeypatch.setenv("LOGS", "some.log")
    assert main(["--place", str(tmp_path)]) == code
    assert saved == [result]
    assert capsys.readouterr().out == f"Report: {tmp_path}/report/index.html\nNext: {step}\n"
