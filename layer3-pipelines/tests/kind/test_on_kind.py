"""hop on a real cluster: released, broken, and found again; each check is also seen to fail."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

import pytest
from on_kind import (
    autoscaling,
    cluster,
    deploy,
    etl,
    faults,
    gateway,
    inside,
    isolation,
    refused,
    spark,
    story,
)
from on_kind.deploy import Images
from on_kind.traffic import Tally, count, during

from layerctl import prose
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until

pytestmark = pytest.mark.kind
BASE = ROOT / "layer3-pipelines/k8s/base"
LESSON = ROOT / "layer3-pipelines/lessons/c3.7-kubernetes"
CONTAINER = "/spec/template/spec/containers/0"


@pytest.fixture(scope="module")
def images() -> Images:
    """hop 1.0.0, deployed; a cluster that is here from a run before is taken as it is."""
    found = deploy.images()
    autoscaling.install()
    deploy.first("1.0.0", found)
    gateway.install(found.traefik)
    autoscaling.publish()
    return found


@pytest.fixture(scope="module")
def tables(images: Images) -> int:
    """The local run's tables, of logs that stay as they are; how many lines they account for."""
    with during(tail_s=0) as tally:
        time.sleep(2)
    lines = etl.ship()
    assert lines >= tally.requests > 0
    assert etl.run()["lines"] == lines
    return lines


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


def test_a_lost_pod_is_replaced_and_the_database_keeps_its_links(images: Images) -> None:
    tally, _ = faults.delete_pod()
    assert (tally.failed, tally.why) == (0, "")
    before, after, _ = faults.restart_database()
    assert after >= before > 0


def test_a_drained_node_may_take_one_pod_and_waits_where_the_budget_is_none(
    images: Images,
) -> None:
    pod = deploy.pods()[0][0]

    def budget(number: int) -> None:
        spec = json.dumps({"spec": {"maxUnavailable": number}})
        cluster.kubectl("-n", cluster.NAMESPACE, "patch", "pdb", "hop", "--type=merge", "-p", spec)

    until("one pod to be allowed to go", lambda: faults.evictable(pod), 30)
    budget(0)
    try:
        until("none to be allowed to go", lambda: not faults.evictable(pod), 30)
    finally:
        budget(1)
    until("one pod to be allowed to go again", lambda: faults.evictable(pod), 30)


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


def test_the_gateway_leads_to_hop_and_by_its_rules(images: Images) -> None:
    assert "a lost backend is 5" in gateway.check()
    # Past the gateway the same page is there: the rule, not hop, keeps it inside.
    assert gateway.status("/metrics", cluster.address()) == 200


def test_a_gateway_that_believes_anybody_is_noticed(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "clients", lambda: {"one": "a", "forged": "b", "other": "c"})
    with pytest.raises(LayerctlError, match="hop takes these for its clients"):
        gateway.check()


def test_bad_pods_are_refused_each_for_its_reason(images: Images) -> None:
    said = refused.check()
    assert len(said) >= 8
    assert refused.verdict() == ""


def test_a_refusal_for_another_reason_would_be_noticed(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = refused.Case("add", "/metadata/labels", "privileged (container", {"a": "b"})
    monkeypatch.setattr(refused, "CASES", {"harmless": harmless} | refused.CASES)
    with pytest.raises(LayerctlError, match="harmless: want a refusal"):
        refused.check()


@pytest.mark.parametrize(("port", "answers"), [(80, True), (81, False)])
def test_hop_answers_inside_by_its_name(images: Images, port: int, answers: bool) -> None:
    assert inside.smoke(images.release("1.0.0"), port)[0] is answers


def test_only_clients_reach_the_database(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    image = images.release("1.0.0")
    if (said := isolation.check(image)) == isolation.NOT_ENFORCED:
        pytest.skip(f"{said}. Enable: make clean, then make engines ENGINE=kind")
    # It has been seen: now only who gets in is asked again.
    monkeypatch.setattr(isolation, "enforced", lambda _image: True)
    policies = ("network-policy-deny", "network-policy-postgres")
    files = [part for name in policies for part in ("-f", str(BASE / f"{name}.yaml"))]
    of = ("-n", cluster.NAMESPACE)
    try:
        cluster.kubectl(*of, "delete", *files)
        # The network takes a moment to act.
        until("a stranger to be noticed", lambda: stranger_noticed(image), 60)
    finally:
        cluster.kubectl(*of, "apply", *files)
    until("the policies to act again", lambda: not stranger_noticed(image), 60)


def stranger_noticed(image: str) -> bool:
    """Whether the check is red, and for the right reason."""
    try:
        isolation.check(image)
    except LayerctlError as error:
        return "without the clients' label reaches" in str(error)
    return False


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


def test_the_loss_of_a_worker_is_survived(images: Images) -> None:
    meanwhile, after, seconds = faults.lose_worker()
    # What the dead node had accepted is lost; what comes later is not.
    assert meanwhile.failed < meanwhile.requests
    assert (after.failed, after.why) == (0, "")
    assert after.requests > 20
    # 20 s to notice, 10 s of toleration; with Kubernetes' default it would be 300 s.
    assert seconds < 150
    # The node is back as a whole: what starts there is on the network again.
    assert isolation.client_gets_in(images.release("1.0.0"))


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
