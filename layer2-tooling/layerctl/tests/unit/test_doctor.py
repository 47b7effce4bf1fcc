"""The doctor looks, names what is missing and what enables it, and changes nothing."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from layerctl import cli, doctor, probes
from layerctl.doctor import Report
from layerctl.manifest import load
from layerctl.probes import Probe


@pytest.fixture
def report() -> Report:
    programs = {name: Probe(name, True, "1.0") for name in probes.PROGRAMS}
    return Report(programs, {"hop": Probe("hop", True, "8000 free")}, 8.0, 40.0, load())


def script(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_layer_3_is_ready_where_all_is_there(report: Report) -> None:
    assert report.can_run(3)
    assert "layer3  ready" in report.text()
    assert report.text().endswith("Next: make layer3")


@pytest.mark.parametrize(
    ("change", "why"),
    [({"disk_gb": 0.5}, "needs 2 GB of disk"), ({"memory_gb": 0.5}, "needs 2 GB of memory")],
)
def test_too_small_a_machine_is_said(report: Report, change: dict[str, float], why: str) -> None:
    small = replace(report, **change)  # type: ignore[arg-type]
    assert not small.can_run(3)
    assert why in small.text(3)


def test_memory_that_cannot_be_told_is_no_obstacle(report: Report) -> None:
    assert replace(report, memory_gb=0).can_run(3)


def test_a_missing_engine_names_the_command_that_enables_it(report: Report) -> None:
    gone = Probe("kind", False, "not found", "go install kind")
    text = replace(report, programs=report.programs | {"kind": gone}).text()
    assert "missing  kind" in text
    assert "kind would add to it: go install kind" in text


def test_a_layer_with_nothing_built_is_not_ready(report: Report) -> None:
    bare = replace(report, manifest=replace(report.manifest, jobs=()))
    assert not bare.can_run(3)
    assert "make layer3 has nothing to run yet" in bare.text(3)


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        probe = probes.port("hop", number)
    assert not probe.usable
    assert str(number) in probe.detail
    assert probes.port("hop", number).usable


def test_a_docker_client_without_an_engine_is_not_docker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    script(tmp_path, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    assert probes.docker().detail == "client only, no engine answers"
    script(tmp_path, "docker", "echo 'permission denied while trying' >&2; exit 1")
    assert probes.docker().detail == "no permission"
    script(tmp_path, "docker", "echo 28.0.1")
    assert probes.docker() == Probe("Docker", True, "28.0.1")


def test_a_program_that_does_not_work_is_not_found_to_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    script(tmp_path, "kind", "echo broken; exit 3")
    probe = probes.PROGRAMS["kind"]()
    assert not probe.usable
    assert "does not work (broken)" in probe.detail
    script(tmp_path, "kind", "echo kind v0.1.0 go1.26")
    assert probes.PROGRAMS["kind"]().detail == "0.1.0"


@pytest.mark.parametrize(
    ("says", "usable"), [("3.2.57(1)-release (arm64)", False), ("5.2.15(1)-release", True)]
)
def test_the_bash_of_macos_is_enough_for_the_main_job_only(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, usable: bool
) -> None:
    script(tmp_path, "bash", f"echo 'GNU bash, version {says}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    here = replace(report, programs=report.programs | {"Bash": probes.bash()})
    assert here.can_run(0) is usable
    assert here.can_run(3)
    assert ("Bash would add to it" in here.text(3)) is not usable


def test_a_hanging_program_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "LIMIT_S", 0.2)
    script(tmp_path, "slow", "exec sleep 60")
    code, _ = probes.output([str(tmp_path / "slow")])
    assert code == 127


def test_the_command_says_what_this_machine_has(
    report: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: report)
    assert cli.main(["doctor", "--layer", "3"]) == 0
    assert cli.main(["doctor", "--layer", "4"]) == 1
    assert cli.main(["doctor"]) == 0
    assert cli.main(["doctor", "--json"]) == 0
    assert '"layer3"' in capsys.readouterr().out
