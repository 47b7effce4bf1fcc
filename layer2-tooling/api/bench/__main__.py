"""``python -m bench``: measure, print, keep, judge.

Exit codes: 0 targets met, 1 missed, 69 no PostgreSQL (or no /proc) here.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from . import figures, report
from .measure import BARE, BASELINE, HOP, measure
from .postgres import NoPostgresError

RESULT = Path(__file__).resolve().parents[3] / ".run" / "bench" / "hop.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--no-fail", action="store_true", help="print a missed target, exit 0")
    parser.add_argument("--swap", action="store_true", help="negative control: must exit 1")
    parser.add_argument("--json", type=Path, default=RESULT, metavar="FILE", help="kept figures")
    args = parser.parse_args(argv)
    # As Ctrl-C does: unwind, so that the database and the servers are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not Path("/proc/self/stat").exists():
        print("bench: skipped, needs Linux: the servers' CPU time is read from /proc")
        return 69
    try:
        samples, postgres = measure(max(1, args.rounds))
    except NoPostgresError as error:
        print(f"bench: skipped, {error}")
        return 69
    except (RuntimeError, OSError) as error:  # TimeoutError is one
        print(f"bench: {error}", file=sys.stderr)
        return 1
    ours, other = (BASELINE, HOP) if args.swap else (HOP, BASELINE)
    found = figures.results(samples, ours=ours, baseline=other, bare=BARE)
    command = "python -m bench " + " ".join(sys.argv[1:] if argv is None else argv)
    costs = {load: figures.throughput_cost(samples, HOP, BARE, load) for load in figures.LOADS}
    telemetry = ", ".join(f"{load} {cost:.0%}" for load, cost in costs.items())
    about = {
        "telemetry costs": telemetry,
        "command": command.strip(),
        "postgresql": postgres,
    } | report.environment()
    print(report.table(samples, found, about))
    if not args.swap:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(report.record(samples, found, about), indent=1) + "\n")
    return 0 if args.no_fail or all(result.met for result in found) else 1


if __name__ == "__main__":
    sys.exit(main())
