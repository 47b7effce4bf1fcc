"""``make layer3-break SCENARIO=burn`` and ``make layer3-check``.

Exit codes: 0 broken as planned, or the repair holds; 1 it does not; 2 usage; 4 no drill is under
way; 130 and 143 stopped by a signal.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

from layerctl.console import GREEN, RED, say, styled
from layerctl.errors import LayerctlError, UsageError
from layerctl.evidence import Evidence
from layerctl.paths import ROOT, RUN
from main_job import disk, job, serve
from main_job.job import FROZEN, SHORT_WINDOW_S, Traffic
from main_job.places import OBJECTIVES, Place, program
from main_job.processes import Stopped, run, stop_on_signals
from main_job.steps import Steps

PLACE = Place(RUN / "drill/burn")
DEPLOYMENT = PLACE.home / "hop.env"
GOOD, BAD = "1.0.0", "1.1.0"
# One in twenty spends a budget of one in two hundred ten times over.
ERRORS = {GOOD: 0.0, BAD: 0.05}


def serve_and_send(steps: Steps, release: str, *, requests: int, seed: int) -> None:
    """Run a release for one stretch of traffic, as bad as that release is."""
    traffic = Traffic(requests=requests, errors=ERRORS[release], seed=seed, release=release)
    with serve.hop(PLACE, release) as url:
        job.send(steps, PLACE, traffic, url)


def gate(*logs: str) -> int:
    """What ``slokit gate`` answers for these logs; its text reaches the terminal."""
    command = [program("slokit", "slokit"), "gate", "--objectives", str(OBJECTIVES)]
    return subprocess.run([*command, "--service", "hop", "--", *logs], check=False).returncode


def availability(log: str) -> str:
    """slokit's verdict on one log by availability alone."""
    command = [program("slokit", "slokit"), "gate", "--objectives", str(OBJECTIVES), "--json", log]
    decided = json.loads(run("slokit gate", command, also=(FROZEN, job.NO_DATA)))
    return str(decided["objectives"]["availability"]["verdict"])


def deployed() -> str:
    """The release that ``hop.env`` names.

    Raises:
        LayerctlError: no drill is under way.
        UsageError: it names none that exists.
    """
    try:
        text = DEPLOYMENT.read_text("utf-8")
    except FileNotFoundError:
        raise NoDrillError("no drill is under way", "make layer3-break SCENARIO=burn") from None
    lines = [line for line in text.splitlines() if line.startswith("HOP_RELEASE=")]
    names = [line.partition("=")[2].strip() for line in lines]
    if len(names) != 1 or names[0] not in ERRORS:
        wanted = f"HOP_RELEASE={GOOD} or HOP_RELEASE={BAD}"
        raise UsageError(f"{DEPLOYMENT} must have one line {wanted}, not {names}")
    return names[0]


class NoDrillError(LayerctlError):
    """There is nothing to grade."""

    exit_code = 4


def all_logs() -> list[str]:
    """The drill's access logs."""
    return sorted(str(path) for path in PLACE.hop.glob("access-*.jsonl"))


def break_it() -> int:
    """Deploy the bad release and let it burn."""
    shutil.rmtree(PLACE.home, ignore_errors=True)
    steps = Steps(5)
    job.set_up(steps)
    serve.fresh(PLACE)
    serve_and_send(steps, GOOD, requests=2000, seed=1)
    serve_and_send(steps, BAD, requests=3000, seed=2)
    shutil.copy(ROOT / "layer3-pipelines/drills/burn/hop.env", DEPLOYMENT)
    job.reference(PLACE, all_logs(), SHORT_WINDOW_S)
    job.spark(steps, PLACE, all_logs(), SHORT_WINDOW_S)
    decided = job.verdict(steps, PLACE)
    code = gate(*all_logs())
    if decided["verdict"] != "FREEZE" or code != FROZEN:
        raise LayerctlError(f"not broken: verdict {decided['verdict']}, slokit gate exited {code}")
    print(f"Broken as planned: slokit gate exits {code}. Report: {PLACE.report}")
    print(f"Find the release that fails, repair {DEPLOYMENT},\nthen: make layer3-check")
    return 0


def check() -> int:
    """Run what the reader has deployed, and grade it by the traffic after the repair."""
    release = deployed()
    repaired = Place(PLACE.home / "after")
    shutil.rmtree(repaired.home, ignore_errors=True)
    steps = Steps(3)
    job.set_up(steps)
    serve.fresh(repaired)
    with serve.hop(repaired, release) as url:
        traffic = Traffic(requests=2000, errors=ERRORS[release], seed=3, release=release)
        job.send(steps, repaired, traffic, url)
    with steps.step("slokit") as facts:
        totals = job.reference(repaired, [str(repaired.log(release))], SHORT_WINDOW_S)
        failed = totals["total"] - totals["good"]
        facts.append(f"{totals['total']:,} requests since the repair, {failed:,} failed")
    evidence = Evidence("layer3-drill-burn", "make layer3-check")
    evidence.facts |= {"release": release, "requests": totals["total"], "failed": failed}
    # The fault is failed requests; a busy machine that answers late has not brought it back.
    after = availability(str(repaired.log(release)))
    evidence.facts["after"] = after
    if after != "SHIP":
        evidence.save("failed")
        print(styled(f"NOT REPAIRED: {release} still fails too much: {after}", RED))
        print("Hint: compare the releases: slokit sli --release 1.1.0 ... and --release 1.0.0 ...")
        return 1
    whole = gate(*all_logs(), str(repaired.log(release)))
    evidence.facts["gate_whole_window"] = whole
    evidence.save("passed")
    print(styled(f"REPAIRED: {release} fails no more than its budget allows.", GREEN))
    if whole == FROZEN:
        print("The gate over everything still says FREEZE: a rollback stops the burn, it does not")
        print("give the budget back. Promotions wait; rollbacks never have to ask.")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the drill's half that the first argument names."""
    words = sys.argv[1:] if argv is None else argv
    stop_on_signals()
    try:
        with disk.noticed(PLACE.home):
            return break_it() if words[0] == "break" else check()
    except LayerctlError as error:
        say(f"drill: {error}")
        return error.exit_code
    except Stopped as stop:
        say("\ndrill: stopped; nothing is left running.")
        return stop.code


if __name__ == "__main__":
    sys.exit(main())
