"""Every alert of this layer: its fault is made, and it arrives in Alertmanager and at the webhook.

The stack needs small disks (config/small-disks.yaml) and is left broken: take it down then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from stack import disks, pipeline
from stack.compose import Stack
from stack.web import ask, query

LIMIT_S = 300.0
STALE_S = 12
# Lines that are no events; and what says it is gzip and is not.
JUNK, BROKEN = "no event\n" * 5000, "\x1f\x08 broken"


def known(stack: Stack) -> set[str]:
    """The alerts that Prometheus has loaded."""
    groups = ask(f"{stack.url('PROMETHEUS_PORT')}/api/v1/rules?type=alert").json()["data"]["groups"]
    return {rule["name"] for group in groups for rule in group["rules"]}


def in_alertmanager(stack: Stack) -> set[str]:
    """The alerts that Alertmanager holds now."""
    answer = ask(f"{stack.url('ALERTMANAGER_PORT')}/api/v2/alerts")
    return (
        {alert["labels"]["alertname"] for alert in answer.json()} if answer.status == 200 else set()
    )


def at_webhook(stack: Stack) -> set[str]:
    """The alerts that have arrived, firing, so far."""
    lines = (
        json.loads(line) for line in stack.log("webhook") if line.startswith('{"event": "alert"')
    )
    return {line["name"] for line in lines if line["status"] == "firing"}


class Watch:
    """Remembers what was seen where, since a fault may end before the next one is made."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.alertmanager: set[str] = set()
        self.webhook: set[str] = set()

    def lacking(self, names: Collection[str]) -> set[str]:
        """Those of ``names`` that were not yet seen in both places."""
        self.alertmanager |= in_alertmanager(self.stack)
        self.webhook |= at_webhook(self.stack)
        return set(names) - (self.alertmanager & self.webhook)

    def wait(self, names: Collection[str], *, limit_s: float = LIMIT_S) -> None:
        """Wait until all of ``names`` were seen in both places.

        Raises:
            LayerctlError: one was not; says which.
        """
        try:
            until(f"alerts: {', '.join(sorted(names))}", lambda: not self.lacking(names), limit_s)
        except LayerctlError as error:
            lacking = ", ".join(sorted(self.lacking(names)))
            raise LayerctlError(f"{error}\n  never seen in both places: {lacking}") from None


def first_faults(stack: Stack) -> None:
    """A deaf webhook, no collector, odd lines, a log that is none, and a full disk."""
    stack.run("stop", "--timeout", "1", "collector", "webhook")
    disks.write(stack, "/logs/junk.jsonl", JUNK)
    pipeline.run_now(stack)
    disks.write(stack, "/logs/broken.jsonl.gz", BROKEN)
    pipeline.run_now(stack, wanted="failed")
    disks.fill(stack, "/logs")
    # A tmpfs gives pages, so a log goes on until its last page is full.
    for _ in range(400):
        ask(f"{stack.url('HOP_PORT')}/{'x' * 60}", headers={"User-Agent": "fills-a-page" * 20})


def losses(stack: Stack) -> None:
    """The database and one replica go; the webhook hears again."""
    stack.run("stop", "--timeout", "1", "postgres", "hop-2")
    until(
        "alerts to be undeliverable",
        lambda: "AlertsNotDelivered" in in_alertmanager(stack),
        LIMIT_S,
    )
    stack.run("start", "webhook")


def end(stack: Stack) -> None:
    """The last replica goes, and the ETL freezes right after its start."""
    stack.run("stop", "--timeout", "1", "hop-1")
    stack.variables["ETL_EVERY_S"] = str(STALE_S)
    stack.run("up", "--detach", "--no-deps", "etl")
    before = f"click_etl_interval_seconds == {STALE_S}"
    until(
        "Prometheus to see the new schedule",
        lambda: query(stack.url("PROMETHEUS_PORT"), before) != [],
        180,
    )
    stack.run("pause", "etl")


STAGES: tuple[tuple[Callable[[Stack], None], tuple[str, ...]], ...] = (
    (first_faults, ()),
    (
        losses,
        (
            "AccessLogLinesDropped",
            "AlertsNotDelivered",
            "CollectorDown",
            "DatabaseDown",
            "EtlFailing",
            "EtlRejectsLines",
            "Heartbeat",
            "HopReplicaLost",
            "TargetDown",
        ),
    ),
    (end, ("EtlDown", "EtlStale", "HopDown")),
)


def prove(stack: Stack) -> dict[str, Any]:
    """Make every fault; the alerts that arrived.

    Raises:
        LayerctlError: an alert did not arrive, or Prometheus has one that nothing here proves.
    """
    proven = {name for _, names in STAGES for name in names}
    if unproven := known(stack) ^ proven:
        raise LayerctlError(f"rules and proofs differ: {', '.join(sorted(unproven))}")
    watch = Watch(stack)
    for make, names in STAGES:
        make(stack)
        if names:
            watch.wait(names)
    return {"alerts_in_alertmanager_and_at_webhook": sorted(proven)}
