from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from conftest import line, write

from hop_etl import cli, run
from hop_etl.run import Result

Etl = Callable[..., Result]


@pytest.fixture
def hop_etl(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr(run, "_spark", lambda *, quick: nullcontext(spark))
    return lambda *words: cli.main([str(word) for word in words])


def test_a_run_says_what_it_did(
    hop_etl: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, tables = write(tmp_path / "log", [line(), line(), b"bad"]), tmp_path / "tables"
    assert hop_etl("run", "--tables", tables, log) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 lines = 2 accepted + 1 rejected; 1 of 1 hours written",
        f"  {log}: 1 format, 'bad'",
    ]
    assert hop_etl("run", "--tables", tables, "--json", log) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] == 2
    assert hop_etl("run", "--tables", tables, log) == 0
    assert "unchanged, Spark not started" in capsys.readouterr().out


def test_the_threshold_comes_from_the_objectives(
    hop_etl: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objectives = tmp_path / "objectives.json"
    objective = {"target": 0.99, "threshold_ms": 3.0}
    service = {
        "window_s": 2592000,
        "objectives": {"availability": {"target": 0.995}, "latency": objective},
        "burn": [{"spent": 0.02, "long_s": 3600, "short_s": 300, "severity": "page"}],
    }
    objectives.write_text(json.dumps({"services": {"hop": service}}))
    log = write(tmp_path / "log", [line()])
    words = ("run", "--tables", tmp_path / "tables", "--json", "--objectives", objectives, log)
    assert hop_etl(*words) == 0
    assert json.loads(capsys.readouterr().out)["threshold_ms"] == 3.0
    objectives.write_text("{")
    assert hop_etl(*words) == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["missing"], 1, "cannot read missing"),
        (["-"], 2, "standard input"),
        (["--window-s", "7", "missing"], 2, "does not divide an hour"),
        (["empty"], 4, "no line"),
    ],
)
def test_errors_are_one_message_and_a_documented_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").touch()
    assert cli.main(["run", "--tables", "tables", *words]) == code
    assert says in capsys.readouterr().err


def test_a_master_on_the_command_line_is_the_one_that_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOP_SPARK_MASTER", "local[7]")
    cli.main(["run", "--tables", str(tmp_path / "tables"), "--master", "local[1]", "missing"])
    assert cli.os.environ["HOP_SPARK_MASTER"] == "local[1]"


def test_a_run_that_needs_no_spark_does_not_even_import_it() -> None:
    code = "import sys; from hop_etl import cli; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_full_disk_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run.layout, "prepare", full)
    log, tables = write(tmp_path / "log", [line()]), tmp_path / "tables"
    assert cli.main(["run", "--tables", str(tables), str(log)]) == 1
    assert "the disk is full; nothing was changed" in capsys.readouterr().err
    assert not tables.exists()
