"""What the cluster's command accepts as proof; the real cluster is in tests/e2e."""

import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from hop_etl import cluster, cluster_run
from hop_etl.errors import EtlError

HOUR = datetime(2026, 11, 23, 10, tzinfo=UTC)
TABLES = {
    "clicks": [(HOUR, "abc", 2, 1)],
    "sli": [(HOUR, HOUR, 300, "/{slug}", "1", "blue", 9, 8, 9, 0, 250.0)],
    "rejects": [],
}
TASK = '{{"Event":"SparkListenerTaskEnd","Task Info":{{"Executor ID":"{}"}}}}\n'


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Runs and a cluster that do nothing; what they seem to have done can be changed."""
    seen = SimpleNamespace(executors="01", spread=TABLES, masters=[])

    def etl(logs, tables, environ, *, limit_s):
        seen.masters.append(environ["HOP_SPARK_MASTER"])
        if "HOP_SPARK_EVENTS" in environ:
            text = '{"Event":"SparkListenerLogStart"}\n' + "".join(map(TASK.format, seen.executors))
            (tmp_path / "cluster" / "events" / "app-1").write_text(text, encoding="utf-8")

    class Pretended:
        url = "spark://127.0.0.1:1"

        def __init__(self, folder, *, workers):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def alive_workers(self):
            return ["worker-a", "worker-b"]

    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path))
    monkeypatch.setattr(cluster_run, "etl", etl)
    monkeypatch.setattr(cluster, "Cluster", Pretended)
    read = {"local": lambda: TABLES, "spread": lambda: seen.spread}
    monkeypatch.setattr(cluster_run, "rows", lambda folder: read[folder.name]())
    return seen


def test_equal_tables_and_busy_executors_are_proof(world, capsys):
    assert cluster_run.main(["some.log"]) == 0
    out = capsys.readouterr().out
    assert "workers registered: worker-a, worker-b" in out
    assert "tasks by executor: 0: 1, 1: 1" in out
    assert "1 clicks, 1 sli, 0 rejects" in out
    assert world.masters == ["local[*]", "spark://127.0.0.1:1"]


def test_one_changed_row_is_refused(world, capsys):
    world.spread = cluster_run.changed(TABLES)
    assert cluster_run.main(["some.log"]) == 1
    assert "sli: 1 rows expected, 1 found; missing" in capsys.readouterr().err


def test_an_idle_executor_is_refused(world, capsys):
    world.executors = "00"
    assert cluster_run.main(["some.log"]) == 1
    assert "1 of 2 executors had work" in capsys.readouterr().err


def test_a_run_elsewhere_is_judged_by_its_event_log(tmp_path, capsys):
    (tmp_path / "app").write_text(TASK.format(1) + TASK.format(2), encoding="utf-8")
    assert cluster_run.main(["--tasks", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "tasks by executor: 1: 1, 2: 1\n"
    (tmp_path / "app").write_text(TASK.format(1), encoding="utf-8")
    assert cluster_run.main(["--tasks", str(tmp_path)]) == 1
    assert "1 of 2 executors had work" in capsys.readouterr().err


def test_a_blind_comparison_is_refused(world, monkeypatch, capsys):
    monkeypatch.setattr(cluster_run, "difference", lambda expected, actual: "")
    assert cluster_run.main(["some.log"]) == 1
    assert "does not notice" in capsys.readouterr().err


def test_a_log_must_be_named(capsys):
    with pytest.raises(SystemExit) as caught:
        cluster_run.main([])
    assert caught.value.code == 2


def test_a_run_that_fails_or_hangs_is_an_error(monkeypatch, tmp_path):
    def fails(*command, **options):
        raise subprocess.CalledProcessError(75, command)

    def hangs(*command, **options):
        raise subprocess.TimeoutExpired(command, 1)

    for behaviour, words in ((fails, "failed with 75"), (hangs, "more than 1 s")):
        monkeypatch.setattr(cluster_run.subprocess, "run", behaviour)
        with pytest.raises(EtlError, match=words):
            cluster_run.etl(["x"], tmp_path / "t", {}, limit_s=1)


def test_leftovers_are_ended_on_request(monkeypatch, capsys):
    monkeypatch.setattr(cluster, "end_leftovers", lambda: 3)
    assert cluster_run.main(["--stop"]) == 0
    assert capsys.readouterr().out == "cluster: 3 processes ended\n"


# A stand-in for Spark's launcher: the master serves its state, a worker just waits.
CLASS = """#!{python}
import http.server, os, sys, time
def after(name): return sys.argv[sys.argv.index(name) + 1]
if "Master" in sys.argv[1]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers(); self.wfile.write(b'{state}')
        def log_message(self, *_): pass
    http.server.HTTPServer(("127.0.0.1", int(after("--webui-port"))), Handler).serve_forever()
{worker}
time.sleep(60)
"""


def pretended_spark(home, monkeypatch, *, state='{"workers": []}', worker=""):
    program = home / "bin" / "spark-class"
    program.parent.mkdir(parents=True)
    text = CLASS.format(python=sys.executable, state=state, worker=worker)
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("HOP_RUN_DIR", str(home))
    monkeypatch.setenv("SPARK_HOME", str(home))
    monkeypatch.setattr(cluster.spark, "prepare_environment", lambda master: None)
    monkeypatch.setattr(cluster.spark, "java_options", lambda folder: "-Dx")


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_that_do_not_come_are_missed_in_time(tmp_path, monkeypatch, workers):
    pretended_spark(tmp_path, monkeypatch)
    made = cluster.Cluster(tmp_path / "c", workers=workers, start_within_s=3)
    with pytest.raises(EtlError, match=r"3 s, waiting for [12] worker\(s\) to register"):
        made.__enter__()
    assert made.running == []
    assert not (tmp_path / "cluster.json").exists()


def test_a_worker_that_ends_is_named(tmp_path, monkeypatch):
    pretended_spark(tmp_path, monkeypatch, worker="sys.exit(1)")
    made = cluster.Cluster(tmp_path / "c", start_within_s=30)
    with pytest.raises(EtlError, match=r"process [0-9]+ ended"):
        made.__enter__()


def test_a_complete_cluster_is_recorded_and_ended(tmp_path, monkeypatch):
    both = '{"workers": [{"id": "b", "state": "ALIVE"}, {"id": "a", "state": "ALIVE"}]}'
    pretended_spark(tmp_path, monkeypatch, state=both)
    with cluster.Cluster(tmp_path / "c", start_within_s=30) as made:
        assert made.alive_workers() == ["a", "b"]
        processes = list(made.running)
        assert len(processes) == 3
        assert (tmp_path / "cluster.json").exists()
    assert all(process.poll() is not None for process in processes)
