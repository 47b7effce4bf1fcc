"""The command line, in this process."""

import os
import socket
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import exc

from hop import cli, commands, listening, portowner, server
from hop.settings import Settings, variable


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command: its exit code, stdout and stderr."""
    monkeypatch.setenv("HOP_DATA", str(tmp_path / "data"))

    def run(*words, **env):
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            try:
                status = cli.main([str(word) for word in words])
            except SystemExit as stop:
                status = stop.code
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("words", "status"), [([], 2), (["nope"], 2), (["--help"], 0), (["--version"], 0)]
)
def test_help_and_usage(run, words, status):
    found, out, err = run(*words)
    assert found == status
    assert out or err


def test_help_names_every_setting_and_exit_code(run):
    _, out, _ = run("serve", "--help")
    for name in Settings.model_fields:
        assert variable(name) in out
    assert "77 refused" in out


@pytest.mark.parametrize(
    ("env", "status", "text"),
    [
        ({"HOP_PORT": "http"}, 2, "HOP_PORT"),
        ({"HOP_HOST": "0.0.0.0", "HOP_PORT": "0"}, 77, "HOP_TOKEN"),
        ({"HOP_HOST": "192.0.2.1", "HOP_PORT": "0", "HOP_TOKEN": "t"}, 2, "HOP_HOST"),
        ({"DATABASE_URL": "mysql://me:s3cret@h/db", "HOP_PORT": "0"}, 2, "DATABASE_URL"),
        ({"HOP_ACCESS_LOG": "/", "HOP_PORT": "0"}, 2, "HOP_ACCESS_LOG"),
        ({"HOP_DATA": "/dev/null/x", "HOP_PORT": "0"}, 2, "HOP_DATA"),
        ({"OTEL_TRACES_EXPORTER": "zipkin", "HOP_PORT": "0"}, 2, "OTEL_TRACES_EXPORTER"),
    ],
)
def test_what_cannot_work_is_one_clear_line(run, env, status, text):
    found, _, err = run("serve", **env)
    assert found == status, err
    assert text in err
    assert "s3cret" not in err
    assert len(err.splitlines()) == 1


def test_migrate_up_and_down(run):
    assert run("migrate") == (0, "schema 0001\n", "")
    assert run("migrate") == (0, "schema 0001, as it was\n", "")
    assert run("migrate", "--to", "base") == (0, "schema empty\n", "")
    status, _, err = run("migrate", "--to", "nope")
    assert (status, "nope" in err) == (2, True)


def test_a_database_that_is_away_is_said_without_its_password(run):
    status, _, err = run("migrate", DATABASE_URL="postgresql://hop:s3cret@127.0.0.1:1/hop")
    assert status == 75
    assert "DATABASE_URL" in err
    assert "s3cret" not in err


def test_load_clicks_says_what_is_wrong(run, tmp_path):
    path = tmp_path / "clicks.jsonl"
    path.write_text("rubbish\n")
    assert "line 1" in run("load-clicks", path)[2]
    path.write_text("")
    status, _, err = run("load-clicks", path)
    assert (status, "hop migrate" in err) == (75, True)
    run("migrate")
    status, out, _ = run("load-clicks", path, "--as-of", "2026-11-23T10:00:00")
    assert (status, out) == (0, "0 rows loaded, as of 2026-11-23T10:00:00+00:00\n")


def test_openapi_to_a_file_and_to_stdout(run, tmp_path):
    assert run("openapi", "--out", tmp_path / "o.json")[0] == 0
    assert run("openapi")[1] == (tmp_path / "o.json").read_text()


def test_serve_hands_the_bound_port_on(run, tmp_path, monkeypatch):
    monkeypatch.setattr("hop.logs.configure", lambda _level: None)  # of the whole process
    served = {}
    monkeypatch.setattr(server, "serve", lambda service, listener: served.update(s=service))
    status, _, err = run("serve", "--port", "0", "--port-file", tmp_path / "new" / "port")
    port = int((tmp_path / "new" / "port").read_text())
    assert status == 0
    assert f"http://127.0.0.1:{port}" in err
    assert f"127.0.0.1:{port}" in served["s"].parts.own
    served["s"].access_log.close()
    assert run("serve", "--port", "0", "--port-file", "/dev/null/port")[0] == 2


def test_control_c_is_130(run, monkeypatch):
    def interrupted(*_args, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("hop.commands.serve", interrupted)
    assert run("serve")[0] == 130


def test_a_closed_pipe_is_no_traceback():
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    command = [sys.executable, "-m", "hop", "openapi"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, env=environment, stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_not_a_wrong_address():
    full = sqlite3.OperationalError("database or disk is full")
    away = sqlite3.OperationalError("unable to open database file")
    said = [str(commands.away(exc.DBAPIError("", {}, each))) for each in (full, away)]
    assert said[0].endswith("database or disk is full; free space there: df -h")
    assert said[1].endswith("unable to open database file; check DATABASE_URL")


def test_a_port_of_another_users_process_has_no_name(monkeypatch, tmp_path):
    monkeypatch.setattr(portowner, "owner", lambda port: None)
    told = "in use; set HOP_PORT, --port, or make's PORT="
    in_use = pytest.raises(listening.BusyError, match=told)
    with socket.create_server(("127.0.0.1", 0)) as other, in_use:
        listening.listen("127.0.0.1", other.getsockname()[1])


def test_the_process_behind_a_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        assert f"(pid {os.getpid()})" in portowner.owner(port)
    assert portowner.owner(port) is None
    assert portowner.owner(port, proc=tmp_path) is None  # no /proc, as on macOS


def test_listening_on_ipv6():
    try:
        listener = listening.listen("::1", 0)
    except listening.SettingsError:
        pytest.skip("no IPv6 loopback here: sysctl net.ipv6.conf.lo.disable_ipv6=0")
    listener.close()
    assert listening.shown("::1") == "[::1]"
