"""What a driver in a pod tells Spark, and what an executor is started with; no cluster here."""

import http.server
import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from hop_etl import executor, kubernetes, spark
from hop_etl.errors import EtlError, UsageError

ME = "/api/v1/namespaces/hop/pods/etl-x"
IMAGE = "example.invalid/etl@sha256:" + "0" * 64


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator[SimpleNamespace]:
    """An API server that knows one pod, and this process as that pod."""
    told = SimpleNamespace(allowed=True, pod=ME, asked=[])

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, status, body):
            told.asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def do_GET(self):
            found = {"spec": {"containers": [{"image": IMAGE}]}}
            refused = {"message": 'pods "etl-x" is forbidden'}
            self.answer(*((200, found) if self.path == told.pod else (403, refused)))

        def do_POST(self):
            told.review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(201, {"status": {"allowed": told.allowed}})

        def log_message(self, *_):
            pass

    for name, text in (("token", "secret"), ("namespace", "hop"), ("ca.crt", "")):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(kubernetes, "ACCOUNT", tmp_path)
    monkeypatch.setattr(kubernetes.ssl, "create_default_context", lambda cadata: None)
    monkeypatch.setenv("HOP_POD_NAME", "etl-x")
    monkeypatch.setenv("HOP_POD_IP", "10.244.1.7")
    monkeypatch.setenv("HOP_SPARK_EXECUTOR", "/etc/spark/executor.yaml")
    monkeypatch.setenv("HOP_RUN_DIR", str(tmp_path / "run"))
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        told.master = f"k8s://http://127.0.0.1:{running.server_port}"
        yield told
        running.shutdown()


def test_executors_are_of_the_drivers_own_image_and_reach_it(server):
    chosen = spark.settings(server.master)
    assert chosen["spark.kubernetes.container.image"] == IMAGE
    assert chosen["spark.kubernetes.namespace"] == "hop"
    assert chosen["spark.driver.host"] == "10.244.1.7"
    assert chosen["spark.executor.memory"] == chosen["spark.driver.memory"]
    assert "-XX:+UseParallelGC" in chosen["spark.executor.extraJavaOptions"]
    assert server.asked == [(kubernetes.REVIEW, "Bearer secret"), (ME, "Bearer secret")]
    wanted = {"namespace": "hop", "verb": "create", "resource": "pods"}
    assert server.review == {"spec": {"resourceAttributes": wanted}}


def test_a_driver_that_may_not_make_pods_says_so(server):
    server.allowed = False
    with pytest.raises(EtlError, match="may not create pods in namespace hop\n  next: kubectl"):
        spark.settings(server.master)


def test_what_the_server_refuses_is_told_in_its_words(server):
    server.pod = "/nothing"
    with pytest.raises(EtlError, match='refused: pods "etl-x" is forbidden'):
        spark.settings(server.master)


def test_a_pod_without_a_token_or_a_server_says_so(server, monkeypatch, tmp_path):
    with pytest.raises(EtlError, match="no answer from http://127"):
        spark.settings("k8s://http://127.0.0.1:1")
    monkeypatch.setattr(kubernetes, "ACCOUNT", tmp_path / "absent")
    with pytest.raises(EtlError, match="this pod has no token"):
        spark.settings(server.master)


def test_outside_a_pod_nobody_is_asked(server, monkeypatch):
    monkeypatch.delenv("HOP_POD_NAME")
    assert "spark.kubernetes.container.image" not in spark.settings(server.master)
    assert server.asked == []


GIVEN = {name: name.lower() for name in executor.ORDERS.values()} | {
    "JAVA_HOME": "/jdk",
    "SPARK_HOME": "/spark",
    "SPARK_EXECUTOR_MEMORY": "512m",
    # As text, 10 would come before 2.
    **{f"SPARK_JAVA_OPT_{n}": f"-Dn={n}" for n in (10, 2, 0)},
    "SPARK_JAVA_OPT_X": "not one of them",
}


def test_an_executor_is_the_jvm_that_the_driver_ordered():
    java, *rest = executor.command(GIVEN)
    assert java == "/jdk/bin/java"
    assert rest[:3] == ["-Dn=0", "-Dn=2", "-Dn=10"]
    assert rest[3:8] == ["-Xms512m", "-Xmx512m", "-cp", "/spark/jars/*", executor.BACKEND]
    assert rest[8:10] == ["--driver-url", "spark_driver_url"]
    assert len(rest) == 8 + 2 * len(executor.ORDERS)


def test_an_executor_that_spark_has_not_started_is_refused(monkeypatch, capsys):
    with pytest.raises(UsageError, match="SPARK_DRIVER_URL"):
        executor.command({name: GIVEN[name] for name in GIVEN if name != "SPARK_DRIVER_URL"})
    monkeypatch.setattr(spark, "prepare_environment", lambda master: None)
    monkeypatch.delenv("SPARK_EXECUTOR_MEMORY", raising=False)
    assert executor.main() == 2
    assert "not started by Spark" in capsys.readouterr().err
