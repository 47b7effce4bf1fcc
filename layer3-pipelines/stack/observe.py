"""Deliverable 3.5: every signal is there, one request is followed, every alert arrives."""

from __future__ import annotations

from typing import Any

from layerctl.paths import ROOT
from stack import alerts, dashboard, faults, follow, pipeline, run, signals, traffic
from stack.compose import Stack

SMALL = ROOT / "layer3-pipelines/config/small-disks.yaml"
REQUESTS, RATE = 200, 50


def prove(stack: Stack) -> dict[str, Any]:
    """Everything that 3.5 claims, on a stack with small disks that is not running yet."""
    facts: dict[str, Any] = {"up_s": run.up(stack)}
    traffic.send(stack, requests=REQUESTS, rate=RATE, seed=2)
    seen = follow.trail(stack)
    pipeline.run_now(stack)
    facts |= {"followed": seen | {"click_row": follow.click_row(stack, seen["slug"])}}
    facts |= signals.check(stack) | dashboard.check(stack)
    facts |= {"database_disk_full": faults.disk_full(stack)}
    facts |= faults.unobserved(stack)
    run.up(stack)
    return facts | alerts.prove(stack)
