"""``python -m main_job``: what ``make layer3`` runs.

Exit codes: 0 a verdict was reached (SHIP and FREEZE alike), 1 failed, 2 usage, 4 no data,
69 a program is missing, 75 busy, 130 and 143 stopped by a signal.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path

from layerctl.console import say
from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence
from main_job import disk, job, logs
from main_job.places import MAIN, Place
from main_job.processes import Stopped, stop_on_signals


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Arguments; ``LOGS`` comes through the environment, because make mangles odd names."""
    parser = argparse.ArgumentParser(prog="main_job", description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5000, help="how many (default 5000)")
    parser.add_argument("--rate", type=int, default=250, help="a second (default 250)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other traffic")
    parser.add_argument("--place", type=Path, default=MAIN.home, help="where the run's files go")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the job; its exit code."""
    args = parse(argv)
    place = Place(args.place.absolute())
    given = os.environ.get("LOGS", "")
    command = f"make layer3 LOGS='{given}'" if given else "make layer3"
    evidence = Evidence("layer3", command)
    stop_on_signals()
    try:
        with disk.noticed(place.home):
            if given:
                decided = job.from_logs(place, logs.expand(given), evidence)
            else:
                traffic = job.Traffic(requests=args.requests, rate=args.rate, seed=args.seed)
                decided = job.from_traffic(place, traffic, evidence)
            judged = decided["verdict"] != "NO DATA"
            evidence.save("passed" if judged else "failed")
    except LayerctlError as error:
        say(f"layer3: {error}")
        # What has just been said matters more than a note of it that the disk cannot take.
        with contextlib.suppress(OSError):
            evidence.save("failed")
        return error.exit_code
    except Stopped as stop:
        say("\nlayer3: stopped; nothing is left running, the last tables are as they were.")
        return stop.code
    print(f"Report: {place.report}")
    if not judged:
        print("Next: name more logs, or see in the report why lines were rejected")
        return job.NO_DATA
    print("Next: make layer3-break SCENARIO=burn" if not given else "Next: make evidence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
