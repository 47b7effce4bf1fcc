"""The steps: serve and send traffic, or take given logs; then slokit, Spark, verdict, report."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layerctl import environments
from layerctl.evidence import Evidence
from main_job import serve
from main_job.places import ENVIRONMENTS, OBJECTIVES, Place, program
from main_job.processes import run
from main_job.steps import Steps

FROZEN, NO_DATA = 3, 4
# 20 seconds of traffic in the usual 300 s windows would be one point on every plot.
SHORT_WINDOW_S, WINDOW_S = 1, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How much to send to which release; ``rate`` a second, ``errors`` as a share."""

    requests: int = 5000
    rate: int = 250
    errors: float = 0.002
    seed: int = 1
    release: str = "1.0.0"


def set_up(steps: Steps) -> None:
    """Bring the environments up to date."""
    with steps.step("set up") as facts:
        environments.setup(ENVIRONMENTS, level="run", check=False)
        facts.append("environments are current")


def send(steps: Steps, place: Place, traffic: Traffic, url: str) -> dict[str, Any]:
    """Send the traffic, find each request in hop's log, and return the ground truth."""
    truth = place.truth(traffic.release)
    options = {
        "--base-url": url,
        "--requests": traffic.requests,
        "--rate": traffic.rate,
        "--seed": traffic.seed,
        "--error-share": traffic.errors,
        "--truth": truth,
    }
    with steps.step("traffic") as facts:
        tool = program("api", "hop-traffic")
        run("hop-traffic", [tool, *(str(word) for pair in options.items() for word in pair)])
        log = str(place.log(traffic.release))
        run("hop-traffic check", [tool, "check", "--truth", str(truth), log])
        facts.append(f"{traffic.requests:,} requests, each found in hop's log")
    known: dict[str, Any] = json.loads(truth.read_text("utf-8"))
    return known


def first_verdict(steps: Steps, place: Place, logs: Sequence[str]) -> dict[str, Any]:
    """slokit's tables and its verdict, at once, from plain Python; returns the totals."""
    with steps.step("slokit") as facts:
        totals = reference(place, logs, SHORT_WINDOW_S)
        command = [program("slokit", "slokit"), "gate", "--objectives", str(OBJECTIVES), "--json"]
        decided = json.loads(run("slokit gate", [*command, "--", *logs], also=(FROZEN, NO_DATA)))
        facts.append(f"{totals['total']:,} user requests, {totals['good']:,} good")
        facts.append(str(decided["verdict"]))
    return totals


def reference(place: Place, logs: Sequence[str], window_s: int) -> dict[str, Any]:
    """slokit's one pass over the logs: totals, tables and histogram, in plain Python."""
    command = [program("slokit", "slokit"), "tables", "--objectives", str(OBJECTIVES)]
    command += ["--service", "hop", "--window-s", str(window_s), "--out", str(place.reference)]
    run("slokit tables", [*command, "--", *logs])
    totals: dict[str, Any] = json.loads(place.reference.read_text("utf-8"))
    return totals


def etl(command: str, place: Place, *options: str) -> str:
    """Run one of the ETL's commands on the place's tables; its standard output."""
    words = [program("etl", "hop-etl"), command, "--tables", str(place.tables), *options]
    return run(f"hop-etl {command}", words, also=(NO_DATA,))


def spark(steps: Steps, place: Place, logs: Sequence[str], window_s: int) -> dict[str, Any]:
    """Run the ETL and compare its tables with slokit's, row by row; the run's manifest."""
    with steps.step("Spark") as facts:
        options = ("--objectives", str(OBJECTIVES), "--window-s", str(window_s))
        etl("run", place, *options, "--", *logs)
        etl("compare", place, "--reference", str(place.reference))
        manifest: dict[str, Any] = json.loads((place.tables / "manifest.json").read_text("utf-8"))
        lines, accepted, rejected = (manifest[name] for name in ("lines", "accepted", "rejected"))
        facts.append(f"{lines:,} lines = {accepted:,} accepted + {rejected:,} rejected")
        facts.append("Spark = slokit")
    return manifest


def stats(steps: Steps, place: Place, release: str, url: str, truth: dict[str, Any]) -> int:
    """Give the clicks back to hop, and read the hottest link's count from its API."""
    with steps.step("clicks") as facts:
        command = [program("api", "hop"), "load-clicks", str(place.tables / "clicks.jsonl")]
        run("hop load-clicks", command, env=serve.settings(place, release))
        slug, sent = max(truth["clicks"].items(), key=lambda item: item[1])
        found = serve.get_json(f"{url}/api/v1/links/{slug}/stats")
        facts.append(f"hop serves {found['clicks']:,} clicks for its hottest link, {sent:,} sent")
    return int(found["clicks"])


def verdict(steps: Steps, place: Place) -> dict[str, Any]:
    """Print the verdict, write the report, and return the verdict."""
    objectives = ("--objectives", str(OBJECTIVES))
    with steps.step("verdict") as facts:
        text = etl("verdict", place, *objectives)
        decided: dict[str, Any] = json.loads(etl("verdict", place, *objectives, "--json"))
        options = ("--latency", str(place.reference), "--out", str(place.report))
        etl("report", place, *objectives, *options)
        facts.append(str(decided["verdict"]))
    sys.stdout.write(text)
    sys.stdout.flush()
    return decided


def from_traffic(place: Place, traffic: Traffic, evidence: Evidence) -> dict[str, Any]:
    """The whole story on traffic that this run sends itself; returns the verdict."""
    steps = Steps(7)
    set_up(steps)
    serve.fresh(place)
    with serve.hop(place, traffic.release) as url:
        with steps.step("serve") as facts:
            facts.append(f"hop {traffic.release} on {url.removeprefix('http://')}")
        truth = send(steps, place, traffic, url)
        logs = [str(place.log(traffic.release))]
        totals = first_verdict(steps, place, logs)
        manifest = spark(steps, place, logs, SHORT_WINDOW_S)
        clicks = stats(steps, place, traffic.release, url, truth)
    decided = verdict(steps, place)
    evidence.facts |= {
        "requests": traffic.requests,
        "lines": manifest["lines"],
        "failed": totals["total"] - totals["good"],
        "hottest_link_clicks": clicks,
        "verdict": decided["verdict"],
    }
    return decided


def from_logs(place: Place, logs: Sequence[str], evidence: Evidence) -> dict[str, Any]:
    """The same on the reader's own logs; returns the verdict."""
    steps = Steps(4)
    set_up(steps)
    with steps.step("slokit") as facts:
        totals = reference(place, logs, WINDOW_S)
        facts.append(
            f"{len(logs)} files, {totals['lines']:,} lines, {totals['rejected']:,} rejected"
        )
    manifest = spark(steps, place, logs, WINDOW_S)
    decided = verdict(steps, place)
    evidence.facts |= {
        "files": [Path(log).name for log in logs],
        "lines": manifest["lines"],
        "rejected": manifest["rejected"],
        "verdict": decided["verdict"],
    }
    return decided
