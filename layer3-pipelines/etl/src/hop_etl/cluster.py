"""A Spark cluster on this machine: one master and workers, all from the pip package.

``with Cluster(workers=2) as cluster`` gives ``cluster.url`` for ``HOP_SPARK_MASTER``. Everything
is on loopback and free ports, and is gone at the end; what a killed run leaves, ``end_leftovers``
finds by its label.
"""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hop_etl import processes, spark
from hop_etl.errors import EtlError
from hop_etl.rundir import run_dir

START_WITHIN_S = 120.0
DEPLOY = "org.apache.spark.deploy"


class Cluster:
    """Master and workers as child processes.

    Args:
        folder: gets logs and the workers' scratch.
        workers: how many; each offers one core.
        memory: what each worker offers its executor.
        start_within_s: until master and workers must have found each other.

    Raises:
        EtlError: on entering, when they have not; the message names the logs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        memory: str = "1g",
        start_within_s: float = START_WITHIN_S,
    ) -> None:
        self.folder, self.workers, self.memory = folder, workers, memory
        self.start_within_s = start_within_s
        self.port, self.web_port = processes.free_port(), processes.free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """The master, as Spark spells it."""
        return f"spark://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        spark.prepare_environment(self.url)
        try:
            ports = ["--port", str(self.port), "--webui-port", str(self.web_port)]
            self._start("master.Master", *ports)
            self._wait("the master to answer", lambda: self.state() is not None)
            for number in range(self.workers):
                scratch = str(self.folder / f"worker-{number}")
                offers = ["--webui-port", "0", "--cores", "1", "--memory", self.memory]
                self._start("worker.Worker", *offers, "--work-dir", scratch, self.url)
            self._wait(
                f"{max(self.workers, 1)} worker(s) to register",
                lambda: len(self.alive_workers()) >= max(self.workers, 1),
            )
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def state(self) -> dict[str, Any] | None:
        """What the master tells of itself; ``None`` while it does not answer."""
        try:
            address = f"http://127.0.0.1:{self.web_port}/json/"
            with urllib.request.urlopen(address, timeout=5) as told:
                found: dict[str, Any] = json.load(told)
                return found
        except (OSError, ValueError):
            return None

    def alive_workers(self) -> list[str]:
        """The ids of the workers that the master counts on."""
        told = self.state() or {"workers": []}
        return sorted(one["id"] for one in told["workers"] if one["state"] == "ALIVE")

    def stop(self) -> None:
        """End workers first, then the master; none is left."""
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(processes.STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()
        _record().unlink(missing_ok=True)

    def _start(self, name: str, *arguments: str) -> None:
        program = str(Path(os.environ["SPARK_HOME"]) / "bin" / "spark-class")
        options = f"{spark.java_options(self.folder)} {spark.QUICK} {processes.label()}"
        with (self.folder / f"{len(self.running)}-{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [program, f"{DEPLOY}.{name}", "--host", "127.0.0.1", *arguments],
                env=os.environ
                | {"SPARK_DAEMON_JAVA_OPTS": options, "SPARK_DAEMON_MEMORY": "512m"}
                | {"SPARK_NO_DAEMONIZE": "1", "SPARK_PUBLIC_DNS": "127.0.0.1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for us; we end them
            )
        self.running.append(process)
        _record().write_text(json.dumps([one.pid for one in self.running]), encoding="utf-8")

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        started = time.monotonic()
        while not done():
            dead = [one.pid for one in self.running if one.poll() is not None]
            if dead or time.monotonic() - started > self.start_within_s:
                why = f"process {dead[0]} ended" if dead else f"{self.start_within_s:.0f} s"
                raise EtlError(
                    f"the Spark cluster is not complete: {why}, waiting for {what}",
                    hint=f"read {self.folder}/*.log; HOP_SPARK_LOG=info tells more",
                )
            time.sleep(0.2)


def _record() -> Path:
    return run_dir() / "cluster.json"


def end_leftovers() -> int:
    """End masters and workers that a killed run has left; how many there were."""
    try:
        pids = [int(pid) for pid in json.loads(_record().read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return 0
    ended = sum(processes.end(pid) for pid in reversed(pids))
    _record().unlink(missing_ok=True)
    return ended
