"""``make -C layer3-pipelines timers``: the ETL on real timers, and the table that tells them apart.

Exit codes: 0 every claim held, 1 one did not, 69 no Docker engine, 75 another run has the host,
130 and 143 stopped by a signal.
"""

from __future__ import annotations

import sys

from main_job.processes import Stopped, stop_on_signals

from layerctl.console import say
from layerctl.errors import LayerctlError
from layerctl.evidence import Evidence
from timers import choose, story


def main() -> int:
    """Tell the story, print the table, keep the evidence; the exit code."""
    evidence = Evidence("3.1", "make -C layer3-pipelines timers", engine="systemd")
    stop_on_signals()
    try:
        seen = story.told()
    except LayerctlError as error:
        say(f"timers: {error}")
        evidence.save("skipped" if error.exit_code in (69, 75) else "failed")
        return error.exit_code
    except Stopped as stop:
        say("\ntimers: stopped; the host is removed.")
        return stop.code
    broken = choose.problems(seen)
    evidence.facts = {
        "lines": seen.by_timer["lines"],
        "lines_lost_in_rotation": seen.written - seen.by_timer["lines"],
        "limits": seen.limits,
        "random_delay_s": seen.delays[0],
        "exposure": seen.exposure,
        "exposure_without_hardening": seen.bare_exposure,
        "attempts_of_a_failing_job": seen.failure.attempts,
        "missed_run_made_up_by": [
            name for name in ("timer", "forgetful", "cron", "at") if getattr(seen.made, name)
        ],
        "at_once_by_cron_without_flock": seen.seen.bare.together,
        "claims_broken": len(broken),
    }
    evidence.save("failed" if broken else "passed")
    print(choose.table(seen))
    for claim in broken:
        say(f"timers: did not hold: {claim}")
    print("Evidence: .run/evidence/3.1.json     Next: layer3-pipelines/systemd/install --help")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
