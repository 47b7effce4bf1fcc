"""Bounded traffic to hop while something happens to it, and what became of each request."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from main_job.places import program
from main_job.processes import started, wait_for

from layerctl.errors import LayerctlError
from layerctl.paths import RUN
from on_kind.cluster import address
from on_kind.deploy import token
from on_kind.logs import complaints

RATE = 40  # a second
SECONDS_AT_MOST = 900
TIMEOUT_S = 5
BEGIN_S = 60
# Some requests before the event; and after it, to see what follows it.
HEAD_S, TAIL_S = 0.5, 2.0
_seeds = itertools.count(int(time.time()))


@dataclass
class Tally:
    """What was sent; ``failed`` had no answer or a wrong one."""

    requests: int = 0
    failed: int = 0
    seconds: float = 0.0
    why: str = ""

    def add(self, other: Tally) -> None:
        """Count another run too."""
        self.requests += other.requests
        self.failed += other.failed
        self.seconds += other.seconds
        self.why = "; ".join(filter(None, (self.why, other.why)))


def count(truth: dict[str, Any]) -> Tally:
    """What the sender's own account says."""
    lost: dict[str, int] = {}
    for row in truth["lost"]:
        lost[row["error"]] = lost.get(row["error"], 0) + row["count"]
    odd = {f"{r['kind']} answered {r['status']}": r["count"] for r in truth["surprises"]}
    never = {"no connection, or no link to ask for": truth["unsent"]} if truth["unsent"] else {}
    bad = lost | odd | never
    unanswered = sum(lost.values()) + truth["unsent"]
    failed = unanswered + sum(odd.values())
    why = ", ".join(f"{n} x {what}" for what, n in bad.items())
    return Tally(truth["total"] + unanswered, failed, truth["runs"][-1]["seconds"], why)


@contextlib.contextmanager
def during(
    *,
    rate: int = RATE,
    head_s: float = HEAD_S,
    tail_s: float = TAIL_S,
    url: str = "",
    writes: str = "",
) -> Iterator[Tally]:
    """Send from before the block to after it; the tally is filled when the block is left.

    Args:
        rate: requests a second.
        head_s, tail_s: seconds before and after the block.
        url, writes: another hop than the cluster's, and the token for making links there.

    Raises:
        LayerctlError: nothing answered at all, so nothing was shown.
    """
    tally, seed, begun = Tally(), next(_seeds), datetime.now(UTC)
    truth, log = RUN / f"kind/truth-{seed}.json", RUN / f"logs/kind-traffic-{seed}.log"
    truth.parent.mkdir(parents=True, exist_ok=True)
    command = [program("api", "hop-traffic"), "--base-url", url or address(), "--truth", str(truth)]
    command += ["--requests", str(rate * SECONDS_AT_MOST), "--rate", str(rate)]
    command += ["--seed", str(seed), "--timeout", str(TIMEOUT_S), "--give-up", "60"]
    # hop's own health is the probes' business; and nothing is injected.
    command += ["--mix", "probe=0", "--error-share", "0", "--slow-share", "0"]
    env = os.environ | {"HOP_TOKEN": writes or token()}
    with started("hop-traffic", command, env=env, log=log) as process:
        # What it says first is that it sends; a busy machine takes seconds to start it.
        said = wait_for(log, process, what="hop-traffic", limit_s=BEGIN_S, log=log)
        if "sending" not in said:
            raise LayerctlError(f"hop-traffic sent nothing: {said.strip()}")
        time.sleep(head_s)
        yield tally
        time.sleep(tail_s)
    tally.add(_result(truth, log))
    if tally.failed and not url:
        tally.why += f"; hop itself said: {complaints(begun)}"


def _result(truth: Path, log: Path) -> Tally:
    try:
        account = json.loads(truth.read_text("utf-8"))
    except FileNotFoundError:
        said = log.read_text("utf-8").strip()
        raise LayerctlError(f"hop-traffic sent nothing: {said}") from None
    truth.unlink()
    return count(account)
