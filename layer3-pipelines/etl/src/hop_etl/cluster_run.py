"""The same job on one machine and on a cluster: ``python -m hop_etl.cluster_run LOG...``.

Both write tables, and their sorted rows must be equal. ``--stop`` ends what a killed run left.
``--tasks DIR`` reads Spark's event log of a run elsewhere: who did how much.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hop_etl import cluster
from hop_etl.errors import EtlError
from hop_etl.rows import Rows, difference, rows
from hop_etl.rundir import run_dir

RUN_WITHIN_S = 600.0
WORKERS = 2


def etl(logs: Sequence[str], tables: Path, environ: dict[str, str], *, limit_s: float) -> None:
    """``hop-etl run`` as its users run it, in a process of its own.

    Raises:
        EtlError: it failed or took longer than ``limit_s`` seconds.
    """
    program = [sys.executable, "-m", "hop_etl", "run", "--tables", str(tables), "--", *logs]
    try:
        subprocess.run(
            program,
            env=os.environ | environ,
            stdout=subprocess.DEVNULL,
            timeout=limit_s,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise EtlError(f"hop-etl run took more than {limit_s:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise EtlError(f"hop-etl run failed with {error.returncode}") from None


def tasks_by_executor(events: Path) -> Counter[str]:
    """How many tasks each executor ended, from Spark's event log."""
    found: Counter[str] = Counter()
    for log in events.iterdir():
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                found[json.loads(line)["Task Info"]["Executor ID"]] += 1
    return found


def shared(events: Path, executors: int) -> str:
    """How the tasks were shared, in a line.

    Raises:
        EtlError: an executor had nothing to do.
    """
    tasks = tasks_by_executor(events)
    if len(tasks) < executors:
        raise EtlError(f"{len(tasks)} of {executors} executors had work: {dict(tasks)}")
    return "tasks by executor: " + ", ".join(f"{who}: {n}" for who, n in sorted(tasks.items()))


def changed(tables: Rows) -> Rows:
    """The same with one request more in one window: what a comparison must notice."""
    first, *rest = tables["sli"]
    return tables | {"sli": [(*first[:6], first[6] + 1, *first[7:]), *rest]}


def compare(logs: Sequence[str], folder: Path, *, workers: int = WORKERS) -> str:
    """Run on this machine and on a cluster; the evidence in a few lines.

    Raises:
        EtlError: a run failed, the rows differ, or an executor had nothing to do.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (events := folder / "events").mkdir(parents=True)
    etl(logs, folder / "local", {"HOP_SPARK_MASTER": "local[*]"}, limit_s=RUN_WITHIN_S)
    with cluster.Cluster(folder / "cluster", workers=workers) as started:
        registered = started.alive_workers()
        there = {"HOP_SPARK_MASTER": started.url, "HOP_SPARK_EVENTS": str(events)}
        etl(logs, folder / "spread", there, limit_s=RUN_WITHIN_S)
    tasks = shared(events, workers)
    local, spread = rows(folder / "local"), rows(folder / "spread")
    if differs := difference(local, spread):
        raise EtlError(f"the cluster's tables differ: {differs}")
    if not difference(local, changed(spread)):
        raise EtlError("the comparison does not notice a changed row")
    sizes = ", ".join(f"{len(found):,} {name}" for name, found in local.items())
    return "\n".join(
        [
            f"workers registered: {', '.join(registered)}",
            tasks,
            f"rows equal to local[*]: {sizes}; one changed row is noticed",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m hop_etl.cluster_run", description=__doc__)
    parser.add_argument("logs", nargs="*", metavar="LOG")
    parser.add_argument("--stop", action="store_true", help="end what a killed run has left")
    parser.add_argument("--tasks", type=Path, metavar="DIR", help="event logs of a run of two")
    asked = parser.parse_args(arguments)
    if asked.stop:
        print(f"cluster: {cluster.end_leftovers()} processes ended")
        return 0
    if not (asked.logs or asked.tasks):
        parser.error("name at least one LOG")
    logs = [str(Path(log).absolute()) for log in asked.logs]
    try:
        told = asked.tasks and shared(asked.tasks, WORKERS)
        print(told or compare(logs, run_dir() / "cluster"))
    except EtlError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
