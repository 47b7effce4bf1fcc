"""The CronJob that makes tables of the access logs: started by hand, and compared with slokit."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable
from typing import Any

from layerctl.errors import LayerctlError
from on_kind import inside
from on_kind.cluster import NAMESPACE, kubectl, nodes
from on_kind.deploy import LOGS
from on_kind.logs import access_lines, kept

LIMIT_S = 300
TABLES = "/tables/current"
COMPARE = (
    "slokit tables --objectives /etl/objectives.json --out /tmp/reference.json /logs/*.jsonl"
    " && hop-etl compare --reference /tmp/reference.json --tables "
)


def ship() -> int:
    """Bring the access logs of all nodes to the volume that the CronJob reads; lines in all.

    On a cluster that is meant to stay a log agent on each node does this.
    """
    found, lines = nodes(), 0
    for node in found.workers:
        log = [f"{line}\n" for line in access_lines(kept(node))]
        put(found.keeper, f"{node}.jsonl", "".join(log))
        lines += len(log)
    return lines


def put(node: str, name: str, text: str) -> None:
    """Write a log into the volume, in the place of the one that is there.

    Raises:
        LayerctlError: the node did not take it.
    """
    # In one step: a run that begins now reads the old one or the new one.
    script = f"cat >{LOGS}/.{name} && mv {LOGS}/.{name} {LOGS}/{name}"
    command = ["docker", "exec", "-i", node, "sh", "-c", script]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"the log did not get to {node}: {done.stderr.strip()}")


def job(script: str = "", watch: Callable[[], object] = lambda: None) -> tuple[bool, str]:
    """Start the CronJob's job now, or a script in its place; whether it succeeded, what it said."""
    name = f"etl-{uuid.uuid4().hex[:8]}"
    of = ("-n", NAMESPACE)
    made = kubectl(*of, "create", "job", name, "--from=cronjob/etl", "--dry-run=client", "-ojson")
    wanted: dict[str, Any] = json.loads(made)
    if script:
        container = wanted["spec"]["template"]["spec"]["containers"][0]
        container |= {"command": ["sh", "-c", script], "args": []}
        # A second try would only say the same again, later.
        wanted["spec"]["backoffLimit"] = 0
    kubectl(*of, "create", "-f", "-", given=json.dumps(wanted))
    return inside.outcome(name, LIMIT_S, watch)


def run() -> dict[str, Any]:
    """Make the tables; what the run says of itself.

    Raises:
        LayerctlError: it failed, or found no log.
    """
    good, said = job()
    lines = [line for line in said.splitlines() if line.startswith('{"event": "etl run"')]
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if not good or told.get("result") != "ok":
        raise LayerctlError(f"the ETL's job: {said[-500:]}", "kubectl -n hop describe cronjob etl")
    return told


def compare(tables: str = TABLES) -> str:
    """Tables against slokit's, row by row, inside the cluster; how much is equal.

    Raises:
        LayerctlError: they differ.
    """
    good, said = job(COMPARE + tables)
    if not good:
        raise LayerctlError(f"the tables are not slokit's: {said[-500:]}")
    return said.splitlines()[-1]
