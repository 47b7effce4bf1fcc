"""The CronJob with executors as pods, seen while they run; its tables against the local ones."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, RUN
from on_kind import deploy, etl
from on_kind.cluster import NAMESPACE, ask, get, kubectl

COMPONENT = ROOT / "layer3-pipelines/k8s/components/spark"
HERE = RUN / "kind/spark"
EXECUTORS = 2  # hop_etl's own default
ACCOUNT = "etl-driver"
TABLES, EVENTS = "/tables/spread", "/tables/events"
# All anew: an unchanged input would leave the executors without work.
SPREAD = (
    f"rm -rf {TABLES} {TABLES}.d {EVENTS} && mkdir {EVENTS} && HOP_SPARK_EVENTS={EVENTS}"
    f" hop-etl run --tables {TABLES} --objectives /etl/objectives.json /logs/*.jsonl"
)
COMPARE = (
    f"python -m hop_etl.cluster_run --tasks {EVENTS}"
    f" && hop-etl compare --tables {TABLES} --reference {etl.TABLES}"
)


@dataclass
class Run:
    """What a run on pods did."""

    good: bool = False
    said: str = ""
    executors: dict[str, str] = field(default_factory=dict)  # pods and their nodes

    def look(self) -> None:
        """Note the executors that run now."""
        self.executors |= executors()


@contextlib.contextmanager
def on_pods() -> Iterator[None]:
    """The overlay with the component; at the end the CronJob is as it was.

    Raises:
        LayerctlError: the server refused something.
    """
    HERE.mkdir(parents=True, exist_ok=True)
    beside = [os.path.relpath(path.resolve(), HERE.resolve()) for path in (deploy.HERE, COMPONENT)]
    text = {"resources": beside[:1], "components": beside[1:]}
    (HERE / "kustomization.yaml").write_text(json.dumps(text, indent=2) + "\n", "utf-8")
    kubectl("apply", "-k", str(HERE), limit_s=deploy.LIMIT_S)
    try:
        yield
    finally:
        kubectl("apply", "-k", str(deploy.HERE), limit_s=deploy.LIMIT_S)


def executors() -> dict[str, str]:
    """Spark's executors that run, and where."""
    running = ("-l", "spark-role=executor", "--field-selector", "status.phase=Running")
    items = get("pods", *running)["items"]
    return {item["metadata"]["name"]: item["spec"]["nodeName"] for item in items}


def run() -> Run:
    """Make the tables with executors as pods; what became of it.

    Call it within ``on_pods``.
    """
    done = Run()
    done.good, done.said = etl.job(SPREAD, done.look)
    return done


def allowed(verb: str) -> bool:
    """Whether the driver's account may do something with pods."""
    who = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"
    asked = ("-n", NAMESPACE, "auth", "can-i", verb, "pods", "--as", who)
    return ask(*asked).returncode == 0


def compare() -> str:
    """The tables against those of the local run, and who did the work; in one line.

    Raises:
        LayerctlError: they differ, or an executor had nothing to do.
    """
    good, said = etl.job(COMPARE)
    if not good:
        raise LayerctlError(f"the tables of executors as pods: {said[-500:]}")
    return " - ".join(said.splitlines()[-2:])


def check() -> tuple[Run, str]:
    """Run and compare; the run, and how much is equal.

    Raises:
        LayerctlError: it failed, its executors were not pods, or the tables differ.
    """
    with on_pods():
        done = run()
    if not done.good:
        raise LayerctlError(f"the ETL with executors as pods: {done.said[-500:]}")
    if len(done.executors) != EXECUTORS:
        raise LayerctlError(f"want {EXECUTORS} executors, seen: {done.executors}")
    return done, compare()
