"""Alerts fire at their limits; a metric that is no metric and a wrong limit are noticed."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from main_job.processes import started
from stack.settings import any_port
from stack.web import ask

from layerctl.paths import ROOT
from layerctl.waits import until

SYSTEMD = ROOT / "layer3-pipelines/systemd"
BOTH = {"ClickEtlFails", "ClickEtlLate"}
ARRIVE_S = 90
PROMETHEUS = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs: [{{job_name: host, static_configs: [{{targets: ["127.0.0.1:{host}"]}}]}}]
"""
ALERTMANAGER = """\
route: {{receiver: webhook, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
receivers:
  - {{name: webhook, webhook_configs: [{{url: "http://127.0.0.1:{host}/alerts"}}]}}
"""


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


class Host(http.server.ThreadingHTTPServer):
    """What a node exporter shows of a host's metrics; and a webhook that keeps what it is told."""

    def __init__(self, metrics: Path) -> None:
        self.metrics, self.told = metrics, set[tuple[str, str]]()
        super().__init__(("127.0.0.1", 0), Asked)


class Asked(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.answer(self.server.metrics.read_bytes())

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told |= {(a["labels"]["alertname"], a["status"]) for a in given["alerts"]}
        self.answer(b"")

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def watched(folder: Path, host: Host) -> Iterator[tuple[str, str]]:
    """Prometheus with our rules, and Alertmanager; their addresses."""
    prometheus, alertmanager = any_port(), any_port()
    rules = json.dumps(str(SYSTEMD / "alerts.yaml"))
    ports = {"alertmanager": alertmanager, "host": host.server_port}
    (folder / "prometheus.yml").write_text(PROMETHEUS.format(rules=rules, **ports))
    (folder / "alertmanager.yml").write_text(ALERTMANAGER.format(**ports))
    sender = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if sender is None:
        pytest.skip("no alertmanager on PATH. Enable: make engines ENGINE=prometheus")
    first = ["prometheus", f"--config.file={folder}/prometheus.yml"]
    first += [f"--storage.tsdb.path={folder}/a", f"--web.listen-address=127.0.0.1:{prometheus}"]
    second = [sender, f"--config.file={folder}/alertmanager.yml", "--cluster.listen-address="]
    second += [f"--storage.path={folder}/b", f"--web.listen-address=127.0.0.1:{alertmanager}"]
    with (
        started("prometheus", first, log=folder / "prometheus.log"),
        started("alertmanager", second, log=folder / "alertmanager.log"),
    ):
        yield f"http://127.0.0.1:{prometheus}", f"http://127.0.0.1:{alertmanager}"


@pytest.mark.prometheus
def test_both_alerts_reach_alertmanager_and_a_webhook_and_go_again(tmp_path: Path) -> None:
    def healthy() -> bool:
        """Prometheus has read the host's metrics with its rules, and finds nothing."""
        answer = ask(f"{prometheus}/api/v1/rules?type=alert")
        groups = answer.json()["data"]["groups"] if answer.status == 200 else []
        rules = [rule for group in groups for rule in group["rules"]]
        seen = ask(f"{prometheus}/api/v1/query?query=click_etl_failures")
        return {r["name"] for r in rules if r["state"] == "inactive"} == BOTH and bool(
            seen.json()["data"]["result"]
        )

    def held() -> set[str]:
        answer = ask(f"{alertmanager}/api/v2/alerts")
        return {a["labels"]["alertname"] for a in answer.json()} if answer.status == 200 else set()

    report(tmp_path, "success")
    with Host(tmp_path / "metrics/click_etl.prom") as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        with watched(tmp_path, host) as (prometheus, alertmanager):
            until("a healthy host without alerts", healthy, ARRIVE_S)
            assert (held(), host.told) == (set(), set())
            # Nothing has worked on this host yet, and three runs fail.
            shutil.rmtree(tmp_path / "metrics")
            for _ in range(3):
                report(tmp_path, "exit-code")
            until("both alerts at Alertmanager", lambda: held() == BOTH, ARRIVE_S)
            firing = {(name, "firing") for name in BOTH}
            until("both alerts at the webhook", lambda: firing <= host.told, ARRIVE_S)
            report(tmp_path, "success")
            gone = {(name, "resolved") for name in BOTH}
            until("word that both are over", lambda: gone <= host.told, ARRIVE_S)
        host.shutdown()
