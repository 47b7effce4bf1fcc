"""The figures of the ETL: ``make -C layer3-pipelines bench``; ratios within one run.

Every job reads the same bytes and writes the same three tables; their rows are compared with
each other and with the generator's totals. Jobs take turns, so that a busy minute of the machine
meets all of them. Exit 1: a target is missed, or rows differ.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.generate import write
from bench.measure import Cost, JobFailedError, cost
from bench.tables import totals
from hop_etl import archive, connect_server
from hop_etl.java import find_java
from hop_etl.rows import Rows, difference, rows
from hop_etl.rundir import run_dir

HERE = Path(__file__).parent
TARGETS = {"job": 0.7, "kept": 0.55}
NAMES = {
    "baseline": "plain PySpark job",
    "cached": "the same, with cache()",
    "job": "hop-etl run",
    "kept": "hop-etl run, KEEP_SPARK=1, repeated",
    "duckdb": "DuckDB",
}
JOB_LIMIT_S = 1800.0
HEAD = "| lines | job | seconds | of the baseline | processor seconds | of the baseline | peak MB |"


@dataclass
class Size:
    """What was measured for one number of lines."""

    lines: int
    costs: dict[str, list[Cost]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The faster of the two baselines is the one that counts."""
        return min(("baseline", "cached"), key=self.seconds)

    def seconds(self, job: str) -> float:
        """The median."""
        return median(one.seconds for one in self.costs[job])

    def cpu_s(self, job: str) -> float:
        """The median of the processor time, which a busy machine changes less."""
        return median(one.cpu_s for one in self.costs[job])

    def peak_mb(self, job: str) -> float:
        """The largest."""
        return max(one.peak_mb for one in self.costs[job])

    def ratio(self, job: str) -> float:
        """The median of the rounds' ratios to the baseline of the same round."""
        pairs = zip(self.costs[job], self.costs[self.base], strict=True)
        return median(one.seconds / base.seconds for one, base in pairs)

    def cpu_ratio(self, job: str) -> float:
        """The same of processor time, which a busy machine changes less."""
        pairs = zip(self.costs[job], self.costs[self.base], strict=True)
        return median(one.cpu_s / base.cpu_s for one, base in pairs)


def commands(log: Path, out: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Each job's command and what it adds to the environment."""
    python, program = sys.executable, str(Path(sys.executable).parent / "hop-etl")
    job = [program, "run", "--tables", str(out / "tables"), str(log)]
    plain = [str(log), str(out / "tables")]
    return {
        "baseline": ([python, str(HERE / "baseline.py"), *plain], _plain()),
        "cached": ([python, str(HERE / "baseline.py"), *plain, "--cache"], _plain()),
        "job": (job, {"KEEP_SPARK": "0"}),
        "kept": (job, {"KEEP_SPARK": "1"}),
        "duckdb": ([python, str(HERE / "duckdb_job.py"), *plain], {}),
    }


def _plain() -> dict[str, str]:
    return {"JAVA_HOME": str(find_java().home), "PYSPARK_PYTHON": sys.executable, "TZ": "UTC"}


def one_round(log: Path, work: Path, size: Size) -> dict[str, Rows]:
    """Run every job once on the log; their rows."""
    found = {}
    for name, (command, environ) in commands(log, work).items():
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        server = connect_server.find() if name == "kept" else None
        spent = cost(
            command,
            log=work / "log",
            environ=environ,
            limit_s=JOB_LIMIT_S,
            also=server.pid if server else None,
        )
        size.costs.setdefault(name, []).append(spent)
        found[name] = rows(work / "tables")
        print(
            f"  {name:9} {spent.seconds:6.1f} s {spent.cpu_s:6.1f} s cpu {spent.peak_mb:7,.0f} MB",
            flush=True,
        )
    return found


def check(found: dict[str, Rows], expected: dict[str, int]) -> None:
    """All jobs agree, and with the generator."""
    for name, actual in found.items():
        if differs := difference(found["job"], actual):
            raise JobFailedError(f"{name} differs from hop-etl: {differs}")
    counted = totals(found["job"])
    wanted = {key: expected[key] for key in expected if key not in ("lines", "accepted")}
    if counted != wanted:
        raise JobFailedError(f"hop-etl counted {counted}, the generator wrote {wanted}")


def warm_up(work: Path) -> None:
    """Start the server that is kept and let its compiler see the job, on a log of its own."""
    log = work / "warm.log"
    write(log, 200_000, seed=2)
    for number in range(2):
        command, environ = commands(log, work / f"warm{number}")["kept"]
        (work / f"warm{number}").mkdir()
        cost(command, log=work / f"warm{number}" / "log", environ=environ, limit_s=600)


def table(sizes: list[Size]) -> str:
    """Markdown, one row a job and size."""
    text = [HEAD, "|--:|---|--:|--:|--:|--:|--:|"]
    for size in sizes:
        for name in size.costs:
            mark = " (baseline)" if name == size.base else ""
            text.append(
                f"| {size.lines:,} | {NAMES[name]}{mark} | {size.seconds(name):.1f} "
                f"| {size.ratio(name):.2f} | {size.cpu_s(name):.1f} "
                f"| {size.cpu_ratio(name):.2f} | {size.peak_mb(name):,.0f} |"
            )
    return "\n".join(text)


def facts(sizes: list[Size], judged: Size) -> dict[str, object]:
    """What ``.run/bench/etl.json`` holds."""
    names = ("pyspark", "duckdb", "pyarrow")
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"make -C layer3-pipelines bench ARGS='{' '.join(sys.argv[1:])}'",
        "versions": {name: version(name) for name in names}
        | {"java": find_java().version, "python": platform.python_version()},
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "target_lines": judged.lines,
        "targets": TARGETS,
        "ratios": {name: round(judged.ratio(name), 3) for name in judged.costs},
        "cpu_ratios": {name: round(judged.cpu_ratio(name), 3) for name in judged.costs},
        "sizes": [
            {
                "lines": size.lines,
                "baseline": size.base,
                "seconds": {name: round(size.seconds(name), 2) for name in size.costs},
                "cpu_s": {name: round(size.cpu_s(name), 2) for name in size.costs},
                "peak_mb": {name: round(size.peak_mb(name)) for name in size.costs},
                "rounds": {
                    name: [round(one.seconds, 2) for one in costs]
                    for name, costs in size.costs.items()
                },
            }
            for size in sizes
        ],
    }


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[1, 2, 4, 8], metavar="MILLIONS")
    parser.add_argument("--rounds", type=int, default=3, help="at the judged size; 1 elsewhere")
    parser.add_argument("--quick", action="store_true", help="50,000 lines, once, nothing judged")
    asked = parser.parse_args()
    # SIGTERM too must end the server that is kept for this measurement.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    counts = [50_000] if asked.quick else [number * 1_000_000 for number in asked.lines]
    judged = 2_000_000 if 2_000_000 in counts else counts[0]
    results = run_dir() / "bench"
    results.mkdir(parents=True, exist_ok=True)
    kept_before = connect_server.find()
    sizes = []
    with tempfile.TemporaryDirectory(dir=results) as scratch:
        try:
            print("class archive:", archive.make() if not archive.made() else "there", flush=True)
            warm_up(Path(scratch))
            for count in counts:
                log = Path(scratch) / "access.log"
                expected = write(log, count)
                print(f"{count:,} lines, {log.stat().st_size / 1e6:,.0f} MB", flush=True)
                size = Size(count)
                for _ in range(1 if asked.quick or count != judged else asked.rounds):
                    check(one_round(log, Path(scratch) / "work", size), expected)
                sizes.append(size)
        except JobFailedError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        finally:
            if kept_before is None:
                with connect_server.lock():
                    connect_server.stop()
    chosen = next(size for size in sizes if size.lines == judged)
    told = facts(sizes, chosen)
    (results / "etl.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(table(sizes))
    print(f"rows equal in all jobs and to the generator; {told['versions']}")
    missed = [name for name, limit in TARGETS.items() if chosen.ratio(name) > limit]
    for name in missed:
        print(f"missed: {name} {chosen.ratio(name):.2f}, target {TARGETS[name]}", file=sys.stderr)
    return 1 if missed and not asked.quick else 0


if __name__ == "__main__":
    sys.exit(main())
