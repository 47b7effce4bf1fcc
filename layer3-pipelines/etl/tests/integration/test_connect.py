"""A kept Connect server: used again, never stale, ended with nothing left."""

import os
import subprocess
import sys

import pytest
from conftest import minutes, write
from rows import expected, written

from hop_etl import connect_server, processes

PERSIST = """
import sys
from hop_etl.spark import session
spark = session()
print(spark.read.text(sys.argv[1]).persist().count(), flush=True)
"""
KILLED = PERSIST + "import os; os.kill(os.getpid(), 9)"
STALE = "import pyspark.sql.connect.catalog as c; c.Catalog.clearCache = lambda self: None\n"


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        here = tmp_path_factory.mktemp("my köln clone")
        patch.setenv("HOP_RUN_DIR", str(here))
        patch.delenv("HOP_SPARK_MASTER", raising=False)
        patch.setenv("KEEP_SPARK", "1")
        yield dict(os.environ)
        connect_server.stop()


def python(environ, code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def etl(environ, log, tables):
    done = python(
        environ,
        "import sys; from hop_etl.cli import main; sys.exit(main())",
        *("run", "--tables", tables, log),
    )
    assert done.returncode == 0, done.stderr
    return done


def test_a_log_that_grows_between_runs_is_read_as_it_is(environ, tmp_path):
    tables = tmp_path / "tables"
    log = write(tmp_path / "log", minutes(30))
    etl(environ, log, tables)
    server = connect_server.find()
    assert server is not None
    assert written(tables) == expected(log)
    write(log, minutes(90))
    etl(environ, log, tables)
    assert written(tables) == expected(log)
    assert connect_server.find() == server, "the second run started a server of its own"


def test_what_a_killed_run_persisted_does_not_answer_the_next(environ, tmp_path):
    log = write(tmp_path / "log", minutes(10))
    killed = python(environ, KILLED, log)
    assert (killed.returncode, killed.stdout) == (-9, "10\n")
    write(log, minutes(25))
    assert python(environ, PERSIST, log).stdout == "25\n"


def test_without_an_empty_cache_the_answer_is_stale(environ, tmp_path):
    """The negative control of the test above."""
    log = write(tmp_path / "log", minutes(10))
    assert python(environ, KILLED, log).stdout == "10\n"
    write(log, minutes(25))
    assert python(environ, STALE + PERSIST, log).stdout == "10\n"


def test_the_token_is_not_on_the_command_line_and_only_its_owner_reads_it(environ):
    server = connect_server.find()
    assert server is not None
    told = subprocess.run(
        ["ps", "-ww", "-p", str(server.pid), "-o", "command="], capture_output=True
    )
    assert server.token.encode() not in told.stdout
    assert (connect_server.folder() / "server.json").stat().st_mode & 0o077 == 0


def test_it_ends_and_leaves_nothing(environ):
    server = connect_server.find()
    assert server is not None
    done = python(
        environ, "import sys; from hop_etl.connect import main; sys.exit(main(['--stop']))"
    )
    assert done.stdout == "kept Spark server stopped\n"
    assert not processes.is_ours(server.pid)
    assert not processes.answers(server.port)
    assert sorted(one.name for one in connect_server.folder().iterdir()) == ["lock", "server.log"]
