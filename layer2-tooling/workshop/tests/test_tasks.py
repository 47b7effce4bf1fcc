"""invoke's task file runs, and refuses an option of the wrong type before it does anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from workshop import tools
from workshop.paths import ROOT, RUN

INVOKE = Path(sys.executable).with_name("invoke")


def invoke(*words: str, run: Path = RUN) -> subprocess.CompletedProcess[str]:
    """Run a task, with its results below ``run``."""
    command = [str(INVOKE), "--search-root", str(ROOT / "layer2-tooling/workshop"), *words]
    env = os.environ | {"SIX_LAYERS_RUN": str(run)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def test_a_task_runs_with_a_typed_option() -> None:
    done = invoke("versions", "--json")
    assert done.returncode == 0, done.stderr
    assert [f"{k}=={v}" for k, v in json.loads(done.stdout).items()] == tools.wanted([])


def test_a_word_where_a_number_belongs_is_refused_before_the_task_it_needs(tmp_path: Path) -> None:
    python = tmp_path / "venv/slokit/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    done = invoke("report", "--requests", "many", run=tmp_path)
    assert done.returncode != 0
    assert "many" in done.stderr
    assert not (tmp_path / "jupyter").exists()
    # The control: that task alone would have written there.
    assert invoke("kernels", run=tmp_path).returncode == 0
    assert (tmp_path / "jupyter").exists()
