"""Bounded traffic through the proxy, with a ground truth, and what the replicas logged of it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from layerctl import environments
from layerctl.errors import LayerctlError
from layerctl.paths import VENV
from stack.compose import Stack

REPLICAS = ("hop-1", "hop-2")
SURPRISED = 1  # an answer that was not planned: the truth has it


def send(stack: Stack, *, requests: int, rate: int, seed: int) -> dict[str, Any]:
    """Send seeded requests; the ground truth: what was asked, and what was answered.

    On a busy machine hop may refuse a write rather than be late. That is an answer too, and what
    would have asked for the link is not sent; so the truth is the measure, not the plan.
    """
    environments.setup(["api"], level="run", check=False)
    truth = stack.home / f"truth-{seed}.json"
    options = {"base-url": stack.url("HOP_PORT"), "requests": requests, "rate": rate}
    options |= {"seed": seed, "error-share": 0, "slow-share": 0, "truth": truth}
    words = [f"--{name}={value}" for name, value in options.items()]
    tool = str(VENV / "api/bin/hop-traffic")
    call([tool, *words], token=stack.secret("hop_token"))
    known: dict[str, Any] = json.loads(truth.read_text("utf-8"))
    return known


def served(stack: Stack) -> dict[str, int]:
    """Clicks that each replica has logged so far."""
    return {name: sum(map(is_click, lines(stack, name))) for name in REPLICAS}


def is_click(line: dict[str, Any]) -> bool:
    """A GET that was redirected."""
    return bool(line["status"] == 307 and line["method"] == "GET")


def lines(stack: Stack, replica: str) -> list[dict[str, Any]]:
    """A replica's access log."""
    script = f"import sys; sys.stdout.write(open('/data/{replica}.jsonl').read())"
    done = stack.execute(replica, "/app/bin/python", "-c", script)
    if done.returncode:
        raise LayerctlError(f"{replica} has no access log: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def call(command: list[str], *, token: str) -> None:
    """Run hop-traffic; its words on an error."""
    env = os.environ | {"HOP_TOKEN": token}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode not in (0, SURPRISED):
        raise LayerctlError(f"hop-traffic ended with {done.returncode}: {done.stderr.strip()}")
