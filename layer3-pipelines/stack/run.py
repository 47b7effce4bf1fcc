"""Deliverable 3.2: the stack comes up in any order, works, and keeps its database to itself."""

from __future__ import annotations

import time
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from stack import isolation, memory, notebook, order, pipeline, traffic
from stack.compose import Stack
from stack.web import query

UP_LIMIT_S = 180.0
REQUESTS, RATE = 600, 60


def up(stack: Stack) -> float:
    """Start everything in its order; the seconds until all is healthy.

    Raises:
        LayerctlError: it did not become so in time; says which service, and what it said last.
    """
    started = time.monotonic()
    # Not --wait: it takes the one-shot migration, which has ended, for a failure.
    stack.run("up", "--detach", "--remove-orphans", "--quiet-pull")
    try:
        until("all services to be healthy", lambda: not stack.unsettled(), UP_LIMIT_S)
    except LayerctlError as error:
        words = [f"{service}\n  | {tail(stack, service)}" for service in stack.unsettled()]
        raise LayerctlError(f"{error}\n" + "\n".join(words)) from None
    return round(time.monotonic() - started, 1)


def tail(stack: Stack, unsettled: str) -> str:
    """The last lines of a service that does not settle."""
    lines = stack.log(unsettled.partition(":")[0])
    return "\n  | ".join(lines[-5:]) or "no word"


def work(stack: Stack, *, seed: int = 1) -> dict[str, Any]:
    """Traffic to tables to plots; the figures.

    Raises:
        LayerctlError: a replica served nothing, a figure differs, or the notebook shows no plot.
    """
    before = traffic.served(stack)
    truth = traffic.send(stack, requests=REQUESTS, rate=RATE, seed=seed)
    sent = sum(truth["clicks"].values())
    after = traffic.served(stack)
    served = {name: count - before[name] for name, count in after.items()}
    if not all(served.values()) or sum(served.values()) != sent:
        raise LayerctlError(f"{sent} clicks answered, the replicas logged {served}")
    run = pipeline.run_now(stack)
    facts = {"clicks": sent, "clicks_by_replica": served, "lines": run["lines"]}
    facts |= pipeline.compare(stack, truth) | {"etl_seconds": run["seconds"]}
    notebook.guarded(stack)
    facts["plots"], page = notebook.execute(stack)
    if facts["plots"] != 2:
        raise LayerctlError(f"the notebook shows {facts['plots']} plots, wanted 2: {page}")
    return facts


def watched(stack: Stack) -> dict[str, Any]:
    """Whether Prometheus scrapes all, and the heartbeat went the whole way to the webhook.

    Raises:
        LayerctlError: not within the limit.
    """
    prometheus = stack.url("PROMETHEUS_PORT")
    until("every target to be up", lambda: query(prometheus, "min(up) == 1") != [], 180)
    arrived = 'webhook_alerts_total{alertname="Heartbeat",status="firing"} > 0'
    until("an alert to reach the webhook", lambda: query(prometheus, arrived) != [], 180)
    targets = query(prometheus, "count(up)")[0]["value"][1]
    return {"targets_up": int(targets), "alert_at_webhook": "Heartbeat"}


def prove(stack: Stack) -> dict[str, Any]:
    """Everything that 3.2 claims, on a stack that is not running yet."""
    found = order.late_database(stack)
    facts: dict[str, Any] = {"late_database_s": found, "within_60_s": found <= order.GOAL_S}
    stack.down()
    with memory.watched(stack) as used:
        facts["up_s"] = up(stack)
        facts |= work(stack)
        facts |= {"database_from": isolation.check(stack)}
        if "full" in stack.profiles:
            facts |= watched(stack)
    memory.within(used.peak_mb, stack.profiles)
    memory.fits(used)
    return facts | {"peak_mb": used.peak_mb, "peak_mb_of_limit": used.table()}
