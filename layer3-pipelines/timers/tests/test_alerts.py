"""Alerts fire at their limits; a metric that is no metric and a wrong limit are noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from layerctl.paths import ROOT

SYSTEMD = ROOT / "layer3-pipelines/systemd"


def report(state: Path, result: str) -> str:
    """Run report-run as systemd would, and return the metrics."""
    env = os.environ | {"STATE_DIRECTORY": str(state), "SERVICE_RESULT": result}
    subprocess.run([SYSTEMD / "report-run"], env=env, check=True, capture_output=True)
    return (state / "metrics/click_etl.prom").read_text("utf-8")


def test_failures_add_up_until_a_run_works(tmp_path: Path) -> None:
    results = ("exit-code", "oom-kill", "timeout", "success", "signal")
    found = [report(tmp_path, result) for result in results]
    for count, text in zip((1, 2, 3, 0, 1), found, strict=True):
        assert f"\nclick_etl_failures {count}\n" in text
    assert "\nclick_etl_last_success_timestamp_seconds 0\n" in found[2]
    assert found[3].splitlines()[-1] == found[4].splitlines()[-1]  # the last success is kept
    assert [path.name for path in (tmp_path / "metrics").iterdir()] == ["click_etl.prom"]


@pytest.mark.prometheus
def test_what_is_written_is_what_prometheus_reads(tmp_path: Path) -> None:
    text = report(tmp_path, "success")
    for given, code in ((text, 0), (text.replace("# TYPE ", "# TYPE x "), 1)):
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=given.encode(), capture_output=True, check=False
        )
        assert bool(done.returncode) == bool(code), done.stderr


@pytest.mark.prometheus
@pytest.mark.parametrize(
    ("old", "new", "passes"),
    [("", "", True), (">= 3", "> 3", False), ("145 * 60", "144 * 60", False)],
)
def test_alerts_fire_at_their_limits(tmp_path: Path, old: str, new: str, passes: bool) -> None:
    """The last two are the negative controls."""
    shutil.copy(SYSTEMD / "alerts.test.yaml", tmp_path)
    rules = (SYSTEMD / "alerts.yaml").read_text("utf-8")
    (tmp_path / "alerts.yaml").write_text(rules.replace(old, new), "utf-8")
    command = ["promtool", "test", "rules", str(tmp_path / "alerts.test.yaml")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode == 0) is passes
