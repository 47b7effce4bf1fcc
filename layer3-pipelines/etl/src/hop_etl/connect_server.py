"""The kept Spark Connect server as a process: started once, found again, ended.

Not PySpark's ``SPARK_LOCAL_CONNECT_REUSE``: that one is shared by all checkouts of a user,
and its shell script breaks on paths with spaces (4.3).
"""

import fcntl
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from hop_etl import processes
from hop_etl.errors import EtlError
from hop_etl.rundir import run_dir

START_WITHIN_S = 120.0
CLOSE_WITHIN_S = 5.0


@dataclass(frozen=True)
class Server:
    """How to reach a server that was started here."""

    pid: int
    port: int
    token: str
    spark: str

    @property
    def url(self) -> str:
        """The address; the token goes by the environment, never on a command line."""
        return f"sc://localhost:{self.port}"


def folder() -> Path:
    """Where the server's record and log stand; for this user only."""
    return run_dir() / "spark-connect"


def find() -> Server | None:
    """This checkout's server if it lives."""
    try:
        told = json.loads((folder() / "server.json").read_text(encoding="utf-8"))
        server = Server(**told)
    except (OSError, ValueError, TypeError):
        return None
    return server if processes.is_ours(server.pid) else None


def start(settings: Mapping[str, str], *, spark_home: Path, version: str) -> Server:
    """Start a server that outlives this process; return when it answers.

    Args:
        settings: Spark's configuration; the driver's JVM options get the label.
        spark_home: the folder with ``bin/spark-submit``.
        version: of PySpark; another version never uses this server.

    Raises:
        EtlError: it ended, or did not answer in ``START_WITHIN_S`` seconds; names its log.
    """
    port, token, log = processes.free_port(), secrets.token_urlsafe(24), folder() / "server.log"
    chosen = dict(settings)
    java = chosen["spark.driver.extraJavaOptions"]
    chosen["spark.driver.extraJavaOptions"] = f"{java} {processes.label()}"
    chosen["spark.connect.grpc.binding.address"] = "127.0.0.1"
    chosen["spark.connect.grpc.binding.port"] = str(port)
    command = [str(spark_home / "bin" / "spark-submit"), "--name", "kept by hop-etl"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    for key, value in chosen.items():
        command += ["--conf", f"{key}={value}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "spark-internal"],
            env=os.environ | {"SPARK_CONNECT_AUTHENTICATE_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder(),  # Spark writes ``artifacts`` where it starts
            start_new_session=True,  # Ctrl-C is for the run, not for the server
        )
    server = Server(process.pid, port, token, version)
    deadline = time.monotonic() + START_WITHIN_S
    while not processes.answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise EtlError(
                f"Spark's Connect server does not start; its log is {log}",
                hint="run without KEEP_SPARK=1",
            )
        time.sleep(0.1)
    # It is meant to outlive this object, which would warn of that.
    process.returncode = 0
    record = folder() / "server.json"
    record.touch(mode=0o600)
    record.write_text(json.dumps(asdict(server)), encoding="utf-8")
    return server


def stop() -> bool:
    """End this checkout's server and wait for it; whether there was one.

    Raises:
        EtlError: it is still there although it was killed.
    """
    server = find()
    ended = server is not None and processes.end(server.pid)
    # ps forgets the command line of a dying JVM a moment before its threads close the port.
    deadline = time.monotonic() + CLOSE_WITHIN_S
    while server is not None and processes.answers(server.port) and time.monotonic() < deadline:
        time.sleep(0.05)
    (folder() / "server.json").unlink(missing_ok=True)
    return ended


@contextmanager
def lock() -> Iterator[None]:
    """One at a time starts or stops: two runs must not start two servers."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder() / "lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
