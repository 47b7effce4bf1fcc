"""The scripts without a scheduler: the logs a run takes, what an installer writes."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from pathlib import Path

import pytest

from layerctl.paths import ROOT, checkout_id

LAYER = ROOT / "layer3-pipelines"
SHOW = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nprintf "%s\\n" "$@"\n'


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """An environment whose hop-etl only prints the logs it is given."""
    program = tmp_path / "venv/etl/bin/hop-etl"
    program.parent.mkdir(parents=True)
    program.write_text(SHOW)
    program.chmod(0o755)
    return tmp_path


def start(run_dir: Path, pattern: str) -> subprocess.Popen[str]:
    env = os.environ | {"SIX_LAYERS_RUN": str(run_dir), "CLICK_ETL_LOGS": pattern}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [LAYER / "etl/bin/click-etl"], env=env, stdout=pipe, stderr=pipe, text=True
    )


def test_a_run_takes_all_logs_that_match_whatever_their_names(run_dir: Path) -> None:
    logs = run_dir / "my logs"
    logs.mkdir()
    for name in ("access a.jsonl", "access.jsonl.1.gz", "other.log"):
        (logs / name).touch()
    said, _ = start(run_dir, f"{logs}/access*.jsonl*").communicate(timeout=20)
    assert said.splitlines() == [f"{logs}/access a.jsonl", f"{logs}/access.jsonl.1.gz"]


def test_a_run_waits_for_a_rotation_and_takes_what_it_left(run_dir: Path) -> None:
    waiting = run_dir / ".ops-rotating"
    waiting.mkdir()
    (waiting / "access.jsonl").touch()
    handle = os.open(waiting, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    process = start(run_dir, f"{run_dir}/access*.jsonl*")
    time.sleep(0.5)
    assert process.poll() is None
    (run_dir / "access.jsonl.20261126T100000Z.gz").touch()
    os.close(handle)
    said, _ = process.communicate(timeout=20)
    assert [Path(line).name for line in said.splitlines()] == [
        "access.jsonl.20261126T100000Z.gz",
        "access.jsonl",
    ]


@pytest.mark.parametrize(
    ("pattern", "code", "words"),
    [("", 2, "names no logs"), ("/nowhere/*.jsonl", 4, "no log matches")],
)
def test_no_logs_are_one_message(run_dir: Path, pattern: str, code: int, words: str) -> None:
    process = start(run_dir, pattern)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, words in said) == (code, True)


@pytest.mark.parametrize(
    ("command", "mark"),
    [
        (("systemd/install", "--user"), "X-SixLayers={}"),
        (("systemd/install", "--system"), "X-SixLayers={}"),
        (("cron/install",), "# six-layers={}"),
    ],
)
def test_what_is_installed_carries_the_label_and_odd_paths(
    tmp_path: Path, command: tuple[str, ...], mark: str
) -> None:
    env = os.environ | {"SIX_LAYERS_RUN": str(tmp_path / "a&b|c 100%")}
    words = [str(LAYER / command[0]), *command[1:], "--print", "--logs", "/my logs/a&b*"]
    said = subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout
    assert mark.format(checkout_id()) in said.splitlines()
    assert "/my logs/a&b*" in said
    percent = "100%%" if "systemd" in command[0] else "100%"
    assert f"a&b|c {percent}" in said
    assert not [line for line in said.splitlines() if "@" in line and line[0] not in "#S"]


@pytest.mark.parametrize("script", ["systemd/install", "cron/install", "cron/at-once"])
def test_a_wrong_option_is_a_usage_error(script: str) -> None:
    words = [str(LAYER / script), *(["--wrong"] if "install" in script else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert script in done.stderr
