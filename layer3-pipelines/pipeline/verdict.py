"""May the release go on? What the proxy saw of the replaced replica, judged by ``slokit gate``.

The proxy and not hop's own log: a dead service logs nothing.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from main_job.places import OBJECTIVES, program
from stack import traffic

from layerctl import environments
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from pipeline.errors import NoDataError, SpentError
from pipeline.target import Target

SERVICE, OBJECTIVE = "hop", "availability"
# Our own traffic, so that a release in a quiet hour can be judged too.
BATCH, RATE, BATCHES = 150, 75, 6
# Which routes do not count stands once, in slokit; foreign lines have no route, so it cannot tell.
FORMATS = ROOT / "layer1-env/slokit/src/slokit/data/formats.json"
FROZEN, NO_DATA = 3, 4


def objective() -> float:
    """The share of requests that must not fail, as the objectives say."""
    services = json.loads(OBJECTIVES.read_text("utf-8"))["services"]
    return float(services[SERVICE]["objectives"][OBJECTIVE]["target"])


def lines(to: Target, replica: str) -> list[str]:
    """The proxy's lines of user requests to a replica."""
    internal = json.loads(FORMATS.read_text("utf-8"))["internal_routes"]
    seen = to.seen(replica)
    return [json.dumps(line) for line in seen if line["path"].partition("?")[0] not in internal]


def gate(log: Path, target: float) -> str:
    """Ask the gate.

    Latency is not asked: a pipeline shares its machine with the build before it.

    Raises:
        SpentError, NoDataError: what it said.
    """
    command = [program("slokit", "slokit"), "gate", "--objective", str(target), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode == FROZEN:
        raise SpentError(f"the new replica fails too much: {said}")
    if done.returncode == NO_DATA:
        raise NoDataError(f"the new replica cannot be judged: {said}")
    if done.returncode:
        raise LayerctlError(f"slokit gate ended with {done.returncode}: {said}")
    return said


def judge(to: Target, replica: str, folder: Path) -> str:
    """Send traffic until there is enough of it at the replica, and ask the gate."""
    environments.setup(["slokit"], level="run", check=False)
    wanted, found = objective(), list[str]()
    for seed in range(1, BATCHES + 1):
        traffic.send(to.stack, requests=BATCH, rate=RATE, seed=seed)
        found = lines(to, replica)
        if len(found) >= 1 / (1 - wanted):
            break
    log = folder / "proxy.jsonl"
    log.write_text("".join(f"{line}\n" for line in found), "utf-8")
    return gate(log, wanted)
