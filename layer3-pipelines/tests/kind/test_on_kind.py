"""hop on a real cluster: released, broken, and found again; each check is also seen to fail."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from on_kind import (
    autoscaling,
    cluster,
    deploy,
    etl,
    faults,
    inside,
    spark,
    story,
)
from on_kind.deploy import Images
from on_kind.traffic import Tally, count

from layerctl import prose
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until

pytestmark = pytest.mark.kind
BASE = ROOT / "layer3-pipelines/k8s/base"
LESSON = ROOT / "layer3-pipelines/lessons/c3.7-kubernetes"
CONTAINER = "/spec/template/spec/containers/0"


def careless() -> list[dict[str, object]]:
    """hop as it should not be: no word on when it is ready, no pause, the old one stopped first.

    Without probes alone, a quiet machine starts hop fast enough to lose nothing, now and then.
    """
    removed = ("startupProbe", "readinessProbe", "lifecycle")
    changes: list[dict[str, Any]] = [
        {"op": "remove", "path": f"{CONTAINER}/{each}"} for each in removed
    ]
    drain = {"name": "HOP_DRAIN_S", "value": "0"}
    changes.append({"op": "add", "path": f"{CONTAINER}/env/-", "value": drain})
    changes.append({"op": "add", "path": "/spec/strategy", "value": {"type": "Recreate"}})
    target = {"kind": "Deployment", "name": "hop"}
    return [{"target": target, "patch": json.dumps(changes)}]


def test_a_replica_stands_on_each_worker(images: Images) -> None:
    assert deploy.spread() == set(cluster.nodes().workers)


def test_no_node_holds_all_of_the_clusters_dns(images: Images) -> None:
    of = ("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "json")
    pods = json.loads(cluster.kubectl(*of))["items"]
    on = [pod["spec"]["nodeName"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    assert len(on) == len(set(on)) == 2


def test_a_release_under_load_fails_no_request(images: Images) -> None:
    tally = faults.roll_out("1.1.0", images)
    assert (tally.failed, tally.why) == (0, "")
    assert tally.requests > 200
    assert faults.serving() == "1.1.0"


def test_a_careless_release_fails_some(images: Images) -> None:
    """The negative control: the same traffic and count, all stopped before a new one starts."""
    tally = faults.roll_out("1.2.0", images, patches=careless())
    assert tally.failed > 0, tally
    with pytest.raises(LayerctlError, match=f"{tally.failed} of"):
        story.none_failed("careless", tally)
    deploy.apply("1.1.0", images)
    faults.calm()


def test_a_bad_tag_is_called_off_while_the_old_release_serves(images: Images) -> None:
    tally, seconds = faults.bad_tag(images)
    assert (tally.failed, tally.why) == (0, "")
    assert tally.requests > 200
    assert seconds < 120


def test_the_autoscaler_follows_the_load(images: Images) -> None:
    _, up, down = autoscaling.follow()
    assert "<unknown>" not in autoscaling.targets()
    # By its default of 300 s a replica would stay longer.
    assert (up < 180, down < 180) == (True, True)


def test_without_metrics_server_the_autoscaler_says_so(images: Images) -> None:
    until("a figure", autoscaling.figures, 120)
    try:
        cluster.kubectl("delete", "apiservice", autoscaling.API)
        until("its complaint", lambda: not autoscaling.figures(), 60)
        active, why = autoscaling.condition(autoscaling.status())
        assert (active, "FailedGetResourceMetric" in why) == (False, True), why
    finally:
        autoscaling.publish()
    until("a figure again", autoscaling.figures, 120)


def test_the_cron_job_makes_the_tables_that_slokit_counts(tables: int) -> None:
    assert f"equal: {tables:,} lines" in etl.compare()


def test_executors_as_pods_make_the_same_tables(tables: int) -> None:
    done, equal = spark.check()
    assert len(done.executors) == spark.EXECUTORS
    assert "tasks by executor: 1: " in equal
    assert f"equal: {tables:,} lines" in equal
    # They are gone with the run.
    until("no executor", lambda: not spark.executors(), 60)
    # One line that no run has seen: slokit's comparison finds it, in these tables too.
    etl.put(cluster.nodes().keeper, "planted.jsonl", "no event\n")
    try:
        with pytest.raises(LayerctlError, match="slokit counted"):
            etl.compare(spark.TABLES)
    finally:
        cluster.docker("exec", cluster.nodes().keeper, "rm", f"{deploy.LOGS}/planted.jsonl")


def test_a_driver_that_may_make_no_pods_says_so(tables: int) -> None:
    none = [{"op": "replace", "path": "/rules/0/verbs", "value": ["get", "list", "watch"]}]
    with spark.on_pods():
        patch = ("patch", "role", spark.ACCOUNT, "--type=json", "-p", json.dumps(none))
        cluster.kubectl("-n", cluster.NAMESPACE, *patch)
        until("the role to count", lambda: not spark.allowed("create"), 30)
        done = spark.run()
    assert (done.good, done.executors) == (False, {})
    assert "the driver may not create pods in namespace hop" in done.said


@pytest.mark.parametrize(("port", "answers"), [(80, True), (81, False)])
def test_hop_answers_inside_by_its_name(images: Images, port: int, answers: bool) -> None:
    assert inside.smoke(images.release("1.0.0"), port)[0] is answers


def test_the_server_would_take_what_is_meant_for_aks(images: Images) -> None:
    overlay = str(ROOT / "layer3-pipelines/k8s/overlays/aks")
    rendered = cluster.kubectl("kustomize", overlay)
    # What is here already cannot be changed in place: a claim template, a job's pod template.
    for name in ("postgres", "hop-migrate", "logs", "tables"):
        rendered = rendered.replace(f"name: {name}", f"name: {name}-aks")
    dry_run = ("apply", "--dry-run=server", "-f", "-")
    said = cluster.kubectl(*dry_run, given=rendered).splitlines()
    assert len(said) == rendered.count("\n---\n") + 1
    assert all(line.endswith("(server dry run)") for line in said)
    with pytest.raises(LayerctlError, match="maxReplicaz"):
        cluster.kubectl(*dry_run, given=rendered.replace("maxReplicas", "maxReplicaz"))


def test_the_lesson_shows_what_it_says(images: Images) -> None:
    images.release("1.0.0")
    command = [f"{LESSON}.sh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert prose.shape(done.stdout) in prose.shape(
        LESSON.with_name(f"{LESSON.name}.md").read_text("utf-8")
    )


def test_every_kind_of_failure_counts() -> None:
    truth = {
        "total": 10,
        "unsent": 1,
        "lost": [{"error": "ReadTimeout", "count": 2}],
        "surprises": [{"kind": "redirect", "status": 503, "count": 3}],
        "runs": [{"seconds": 1.0}],
    }
    tally = count(truth)
    assert (tally.requests, tally.failed) == (13, 6)
    with pytest.raises(LayerctlError):
        story.none_failed("nothing sent", Tally())
