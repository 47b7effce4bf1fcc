"""A real ``hop serve``: signals, drain, log rotation, limits, replicas."""

import concurrent.futures
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

import pytest
from hop_support import get, hop, http, lines, process, quiet_environment, talk, wait_for

LINKS = "/api/v1/links"
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
# Imported in place of the real one: what a slow disk or a busy machine does to the start.
SLOW = "import time\nprint('importing', flush=True)\ntime.sleep(600)\n"
MADE_UP = 10_000
# hop with a bug in its redirect: it says TOLD in a traceback in the log, and in a trace.
BROKEN = """
import os, sys
from opentelemetry import trace
from hop.services.redirects import Redirects
from hop.start import main

async def find(self, slug):
    trace.get_current_span().set_attribute("told", os.environ["TOLD"])
    raise RuntimeError(os.environ["TOLD"])

Redirects.find = find
sys.exit(main())
"""


def create(url, alias, **fields):
    wish = {"target": "https://example.com", "alias": alias, **fields}
    return http.post(url + LINKS, json=wish)


def test_sigterm_mid_request_finishes_it_and_tells_new_ones_to_close(tmp_path):
    with process(tmp_path, HOP_FAULTS="1", HOP_DRAIN_S="1.5") as running:
        create(running.url, "abc")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            slow = {"Hop-Fault": "delay=3000"}
            answer = pool.submit(http.get, f"{running.url}/abc", headers=slow, timeout=20)
            time.sleep(0.5)
            running.popen.send_signal(signal.SIGTERM)
            wait_for(lambda: http.get(running.url + "/readyz").status_code == 503, limit_s=2)
            meanwhile = http.get(running.url + "/abc")
            assert (meanwhile.status_code, meanwhile.headers["connection"]) == (307, "close")
            assert http.get(running.url + "/livez").status_code == 200
            assert answer.result().status_code == 307
        assert running.popen.wait(20) == -signal.SIGTERM
        found = [line for line in lines(running.log) if line["slug"] == "abc"]
        assert [line["status"] for line in found] == [307, 307]
        assert found[1]["duration_ms"] >= 2990


def test_idle_connections_do_not_hold_up_the_end(tmp_path):
    with (
        process(tmp_path) as running,
        socket.create_connection(("127.0.0.1", running.port)) as idle,
    ):
        idle.sendall(get("/livez"))
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        assert running.stop() == -signal.SIGTERM
        assert time.monotonic() - started < 5


def test_a_request_that_never_ends_is_cut_after_the_grace(tmp_path):
    with (
        process(tmp_path, HOP_FAULTS="1", HOP_GRACE_S="1") as running,
        socket.create_connection(("127.0.0.1", running.port)) as connection,
    ):
        connection.sendall(get("/abc", "Hop-Fault: delay=60000"))
        time.sleep(0.3)
        assert running.stop() == -signal.SIGTERM


def test_control_c_ends_at_once_with_130(tmp_path):
    with process(tmp_path, HOP_DRAIN_S="60") as running:
        assert running.stop(signal.SIGINT) == 130


def test_sigusr1_and_sighup_reopen_the_log_and_lose_no_line(tmp_path):
    with process(tmp_path) as running:
        create(running.url, "abc")
        for number, name in ((signal.SIGUSR1, "1"), (signal.SIGHUP, "2")):
            http.get(f"{running.url}/abc")
            running.log.rename(tmp_path / f"access.log.{name}")
            running.popen.send_signal(number)
            wait_for(running.log.exists, running.popen)
        http.get(f"{running.url}/abc")
        assert running.stop() == -signal.SIGTERM
        parts = [lines(path) for path in sorted(tmp_path.glob("access.log*"))]
        assert len(parts) == 3
        assert sum(line["slug"] == "abc" for part in parts for line in part) == 3


def test_a_full_disk_drops_lines_counts_them_and_goes_on(tmp_path):
    with process(tmp_path, HOP_ACCESS_LOG="/dev/full") as running:
        create(running.url, "abc")
        time.sleep(0.3)
        assert http.get(f"{running.url}/abc").status_code == 307
        metrics = http.get(running.url + "/metrics").text
        (line,) = [row for row in metrics.splitlines() if row.startswith("hop_access_log_dropped")]
        assert float(line.split()[1]) >= 1
    assert "No space left" in running.errors()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes a pipe small. Enable: Linux")
def test_a_blocked_stdout_costs_lines_and_no_request(tmp_path):
    reader, stuck = os.pipe()
    fcntl.fcntl(stuck, fcntl.F_SETPIPE_SZ, 4096)  # of Linux: full after a few requests
    # Each redirect fails, and writes a line about it and one into the access log.
    env = {"HOP_ACCESS_LOG": "/dev/stdout", "DATABASE_URL": "postgresql://hop@127.0.0.1:1/hop"}
    with process(tmp_path, migrated=False, ready=False, output=stuck, **env) as running:
        for number in range(100):
            started = time.monotonic()
            assert http.get(f"{running.url}/never-asked-{number}").status_code == 503
            assert time.monotonic() - started < 1
        assert not select.select([], [stuck], [], 0)[1], "the pipe takes more: nothing was blocked"
        assert http.get(running.url + "/livez").status_code == 200
        assert running.stop(limit_s=10) == -signal.SIGTERM
    os.close(stuck)
    with os.fdopen(reader) as pipe:
        assert "database trouble" in pipe.read()


def test_a_hundred_at_once_for_one_alias_make_one_link(tmp_path):
    with process(tmp_path) as running, concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: create(running.url, "wanted"), range(100)))
        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(201), statuses.count(409)) == (1, 99)


def test_ten_thousand_made_up_paths_add_no_series(tmp_path):
    def series():
        return len(http.get(running.url + "/metrics").text.splitlines())

    with process(tmp_path) as running:
        made_up = [get(f"/{n}x" if n % 2 else f"/{n}.x") for n in range(MADE_UP)]
        talk(running.port, get("/1x"), get("/1.x", "Connection: close"))
        series()
        before = series()
        for start in range(0, MADE_UP, 500):
            talk(running.port, *made_up[start : start + 500], get("/end", "Connection: close"))
        assert series() == before
        assert running.stop() == -signal.SIGTERM
        assert len(lines(running.log)) >= MADE_UP


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with process(tmp_path_factory.mktemp("limits")) as running:
        yield running


def test_a_second_replica_follows_within_the_promised_time(tmp_path):
    shared = {"DATABASE_URL": f"sqlite:///{tmp_path}/shared.db"}
    with process(tmp_path / "a", **shared) as one, process(tmp_path / "b", **shared) as two:
        assert http.get(f"{two.url}/abc").status_code == 404
        create(one.url, "abc")
        wait_for(lambda: http.get(f"{two.url}/abc").status_code == 307, limit_s=1.5)
        http.patch(f"{one.url}{LINKS}/abc", json={"target": "https://example.org"})
        assert http.get(f"{one.url}/abc").headers["location"] == "https://example.org"
        wait_for(lambda: "org" in http.get(f"{two.url}/abc").headers["location"], limit_s=5.5)
        http.delete(f"{one.url}{LINKS}/abc")
        assert http.get(f"{one.url}/abc").status_code == 404
        wait_for(lambda: http.get(f"{two.url}/abc").status_code == 404, limit_s=5.5)


def test_a_port_in_use_names_its_process_and_the_variable(small, tmp_path):
    done = hop("serve", "--port", small.port, env={"HOP_DATA": str(tmp_path)})
    assert done.returncode == 75
    assert f"(pid {small.popen.pid})" in done.stderr
    assert "HOP_PORT" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("told", "leaks"),
    # The second is the control: this test reads the files that a bug would write a secret into.
    [("planted", set()), ("t0ken-s3cret", {"stdout", "stderr"})],
    ids=["hop", "leaky"],
)
def test_no_secret_gets_into_logs_traces_docs_or_tracebacks(tmp_path, told, leaks):
    secrets = {"HOP_TOKEN": "t0ken-s3cret", "HOP_CLIENT_KEY": "key-s3cret"}
    tracing = {"OTEL_TRACES_EXPORTER": "console", "OTEL_TRACES_SAMPLER": "always_on"}
    planted = {"LOG_LEVEL": "DEBUG", "TOLD": told, "program": ("-c", BROKEN)}
    with process(tmp_path, **planted, **secrets, **tracing) as running:
        header = {"authorization": "Bearer t0ken-s3cret", "cookie": "c=s3cret"}
        for url in ("/abc?token=s3cret", LINKS, "/docs", "/openapi.json", "/version", "/metrics"):
            answer = http.get(running.url + url, headers=header)
            assert answer.status_code == (500 if url.startswith("/abc") else 200)
            assert "s3cret" not in answer.text
        assert running.stop() == -signal.SIGTERM
    assert f"RuntimeError: {told}" in running.errors()
    assert '"GET /{slug}"' in (tmp_path / "stdout").read_text()  # the traces
    assert {path.name for path in tmp_path.iterdir() if b"s3cret" in path.read_bytes()} == leaks


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_a_signal_in_the_first_second_ends_it_without_a_word(tmp_path, number, code):
    (tmp_path / "structlog.py").write_text(SLOW)
    env = quiet_environment() | {"PYTHONPATH": str(tmp_path), "HOP_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "hop", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, text=True, **PIPES) as starting:
        assert starting.stdout.readline() == "importing\n"
        starting.send_signal(number)
        out, errors = starting.communicate(timeout=120)  # long before the import ends
    assert (starting.returncode, out, errors) == (code, "", "")


SERVED = """
import gc, json, sys
from hop import commands, server, settings, start

def serve(service, listener):
    found = {"collects": gc.isenabled(), "frozen": gc.get_freeze_count()}
    print(json.dumps(found | {"imported": sorted(sys.modules)}))

server.serve = serve
if sys.argv.pop(1) == "careless":
    import alembic.command, asyncpg, opentelemetry.sdk.trace, sqlalchemy.dialects.postgresql
    start.uncollected = __import__("contextlib").nullcontext
sys.exit(start.main())
"""


# What a start on SQLite that traces nothing does without.
UNUSED = {"alembic", "asyncpg", "opentelemetry.sdk.trace", "sqlalchemy.dialects.postgresql"}


@pytest.mark.parametrize("how", ["as-it-is", "careless"])
def test_a_start_imports_what_it_uses_and_looks_for_no_garbage(tmp_path, how):
    command = [sys.executable, "-c", SERVED, how, "serve", "--port", "0"]
    env = quiet_environment() | {"HOP_DATA": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["collects"]
    assert UNUSED & set(found["imported"]) == (UNUSED if how == "careless" else set())
    assert (found["frozen"] == 0) == (how == "careless")
