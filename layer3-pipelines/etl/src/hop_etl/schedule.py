"""``python -m hop_etl.schedule``: the ETL every so often, in a container that has no timers.

Runs never overlap, since one process starts them in turn. SIGUSR1 starts one at once. What ended
how and when is at ``/metrics``, under the names that the systemd timer reports too. ``--once`` is
one run, for a scheduler that has timers: no waiting, no ``/metrics``, exit code 0, or 1 when it
failed; without a log it does not fail. Other exit codes: 2 usage, 143 and 130 when stopped.
"""

from __future__ import annotations

import argparse
import glob
import json
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from hop_etl.errors import Busy, NoData

STEP_LIMIT_S = 900.0


@dataclass
class Report:
    """What Prometheus is told."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"click_etl_{name}", text, registry=self.registry)

        self.failures = gauge("failures", "Runs that failed since the last one that did not.")
        self.last_run = gauge("last_run_timestamp_seconds", "When the last run ended.")
        self.success = gauge("last_success_timestamp_seconds", "When the last good run ended.")
        self.interval = gauge("interval_seconds", "Time from one run to the next.")
        self.seconds = gauge("last_run_seconds", "How long the last run took.")
        self.lines = gauge("lines", "Lines read by the last good run.")
        self.rejected = gauge("rejected_lines", "Lines of the last good run that were no events.")
        self.runs = Counter("click_etl_runs", "Runs by result.", ["result"], registry=self.registry)

    def ended(self, result: str, *, seconds: float, manifest: dict[str, int]) -> None:
        """Note one run."""
        now = time.time()
        self.runs.labels(result).inc()
        self.last_run.set(now)
        self.seconds.set(seconds)
        if result == "failed":
            self.failures.inc()
            return
        self.failures.set(0)
        self.success.set(now)
        self.lines.set(manifest.get("lines", 0))
        self.rejected.set(manifest.get("rejected", 0))


class StepError(Exception):
    """A step of a run failed; says which and how."""


def step(command: Sequence[str]) -> tuple[int, str]:
    """Run one step; its exit code and output. What it says on stderr reaches the container's log.

    Raises:
        StepError: it did not end in time.
    """
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, timeout=STEP_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise StepError(f"{command[0]} did not end in {STEP_LIMIT_S:.0f} s") from None
    return done.returncode, done.stdout


def run_once(etl: Sequence[str], logs: str, after: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Logs to tables, tables to hop: ``ok`` with the manifest, or ``no_data``.

    Raises:
        StepError: one of the two failed.
    """
    found = sorted(glob.glob(logs))  # noqa: PTH207 - the pattern may be absolute
    if not found:
        return "no_data", {}
    code, output = step([*etl, "--json", "--", *found])
    if code == Busy.exit_code:  # a log was rotated under the reader: the next look sees it whole
        code, output = step([*etl, "--json", "--", *found])
    if code == NoData.exit_code:
        return "no_data", {}
    if code:
        raise StepError(f"{etl[0]} ended with {code}")
    manifest: dict[str, int] = json.loads(output)
    if after and (code := step(after)[0]):
        raise StepError(f"{shlex.join(after)} ended with {code}")
    return "ok", manifest


def one_run(etl: Sequence[str], logs: str, after: Sequence[str], report: Report) -> str:
    """A run with its log line and its metrics; its result."""
    began, started = time.time(), time.monotonic()
    line: dict[str, object] = {}
    try:
        result, manifest = run_once(etl, logs, after)
        line = {name: manifest[name] for name in ("lines", "accepted", "rejected") if manifest}
    except StepError as error:
        result, manifest, line = "failed", {}, {"reason": str(error)}
    seconds = time.monotonic() - started
    report.ended(result, seconds=seconds, manifest=manifest)
    stamp = datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds")
    head = {"event": "etl run", "started": stamp, "result": result, "seconds": round(seconds, 1)}
    print(json.dumps(head | line), flush=True)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal, or once; the exit code."""
    parser = argparse.ArgumentParser(prog="hop_etl.schedule", description=__doc__)
    parser.add_argument("--logs", required=True, metavar="PATTERN", help="all logs that count")
    parser.add_argument("--tables", required=True, type=Path, help="link to the tables")
    parser.add_argument("--objectives", type=Path, help="objectives.json: the latency threshold")
    parser.add_argument("--every", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--port", type=int, default=9100, help="of /metrics")
    parser.add_argument("--then", default="", metavar="COMMAND", help="after each good run")
    parser.add_argument("--once", action="store_true", help="one run; exit 1 when it failed")
    args = parser.parse_args(argv)
    if args.every <= 0:
        parser.error("--every must be above 0")
    etl = [str(Path(sys.executable).with_name("hop-etl")), "run", "--tables", str(args.tables)]
    etl += ["--objectives", str(args.objectives)] if args.objectives else []
    report, wake = Report(), threading.Event()
    report.interval.set(args.every)
    # Until the first run this start counts, or every start would look like a stale ETL.
    report.success.set(time.time())
    signal.signal(signal.SIGUSR1, lambda _number, _frame: wake.set())
    signal.signal(signal.SIGTERM, _stop)
    after = shlex.split(args.then)
    if args.once:
        return int(one_run(etl, args.logs, after, report) == "failed")
    start_http_server(args.port, registry=report.registry)
    while True:
        wake.clear()
        one_run(etl, args.logs, after, report)
        wake.wait(args.every)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
