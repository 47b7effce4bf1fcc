"""The way of the data: traffic, logs, the ETL, the tables, hop's statistics."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from stack.compose import Stack
from stack.web import ask

RUN_LIMIT_S = 600.0  # 20 s on a quiet machine


def runs(stack: Stack, since: datetime) -> list[dict[str, Any]]:
    """What the ETL's scheduler has said about runs that began after a time."""
    lines = (line for line in stack.log("etl") if line.startswith('{"event": "etl run"'))
    found = (json.loads(line) for line in lines)
    return [run for run in found if datetime.fromisoformat(run["started"]) >= since]


def run_now(stack: Stack, *, wanted: str = "ok") -> dict[str, Any]:
    """Have the ETL run once more; what it says of it. A run under way does not count.

    Raises:
        LayerctlError: it ended otherwise, or not in time.
    """
    asked = datetime.now(UTC)
    stack.run("kill", "--signal", "USR1", "etl")
    until("a run of the ETL", lambda: bool(runs(stack, asked)), RUN_LIMIT_S)
    run = runs(stack, asked)[0]
    if run["result"] != wanted:
        raise LayerctlError(f"the ETL: wanted {wanted}, got {json.dumps(run)}")
    return run


def clicks(stack: Stack, slug: str) -> int:
    """What hop's API says of a link."""
    answer = ask(f"{stack.url('HOP_PORT')}/api/v1/links/{slug}/stats")
    if answer.status != 200:
        raise LayerctlError(f"/stats of {slug} answered {answer.status}")
    return int(answer.json()["clicks"])


def compare(stack: Stack, truth: dict[str, Any]) -> dict[str, int]:
    """The hottest link's clicks: sent, and told by hop after the ETL.

    Raises:
        LayerctlError: they differ.
    """
    slug, sent = max(truth["clicks"].items(), key=lambda item: item[1])
    told = clicks(stack, slug)
    if told != sent:
        raise LayerctlError(f"{slug}: {sent} clicks sent, hop tells {told}")
    return {"hottest_link_sent": sent, "hottest_link_told": told}
