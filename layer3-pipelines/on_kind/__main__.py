"""``python -m on_kind``: deploy hop to a kind cluster, roll it out under load, break it.

Exit codes: 0 all held, 1 something did not, 69 a program is missing,
130 and 143 stopped by a signal.
"""

from __future__ import annotations

import argparse
import os
import sys

from main_job.processes import Stopped, stop_on_signals

from layerctl import environments
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.evidence import Evidence
from on_kind import story

COMMAND = "make -C layer3-pipelines kind"


def main(argv: list[str] | None = None) -> int:
    """Run the story; its exit code."""
    parser = argparse.ArgumentParser(prog="on_kind", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rollouts",
        type=int,
        default=int(os.environ.get("ROLLOUTS") or 2),
        help="how many releases to put out under load (default 2)",
    )
    parser.add_argument(
        "--spark", action="store_true", help="only the ETL, locally and with executors as pods"
    )
    args = parser.parse_args(argv)
    evidence = Evidence("3.4", COMMAND, engine="kind")
    stop_on_signals()
    try:
        environments.setup(["api"], level="run", check=False)
        if args.spark:
            # A part is no evidence for the whole.
            story.only_spark({})
            return 0
        story.tell(evidence, rollouts=args.rollouts)
    except LayerctlError as error:
        say(f"kind: {error}")
        if not args.spark:
            evidence.save("skipped" if isinstance(error, MissingError) else "failed")
        return error.exit_code
    except Stopped as stop:
        say("\nkind: stopped; the cluster stays. Next: make clean")
        return stop.code
    evidence.save("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
