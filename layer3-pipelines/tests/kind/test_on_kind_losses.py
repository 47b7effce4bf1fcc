"""A pod, the database, a node are lost, or may be; each check is also seen to fail."""

from __future__ import annotations

import json

import pytest
from on_kind import cluster, deploy, faults, isolation
from on_kind.deploy import Images

from layerctl.paths import ROOT
from layerctl.waits import until

pytestmark = pytest.mark.kind
BASE = ROOT / "layer3-pipelines/k8s/base"


def test_a_lost_pod_is_replaced_and_the_database_keeps_its_links(images: Images) -> None:
    tally, _ = faults.delete_pod()
    assert (tally.failed, tally.why) == (0, "")
    before, after, _ = faults.restart_database()
    assert after >= before > 0


def test_a_drained_node_may_take_one_pod_and_none_where_the_budget_says_so(images: Images) -> None:
    pod = deploy.pods()[0][0]
    until("one pod to be allowed to go", lambda: faults.evictable(pod), 30)
    of = ("-n", cluster.NAMESPACE)
    none = json.dumps({"spec": {"maxUnavailable": 0}})
    try:
        cluster.kubectl(*of, "patch", "pdb", "hop", "--type=merge", "-p", none)
        until("none to be allowed to go", lambda: not faults.evictable(pod), 30)
    finally:
        cluster.kubectl(*of, "apply", "-f", str(BASE / "pod-disruption-budget.yaml"))
    until("one pod to be allowed to go again", lambda: faults.evictable(pod), 30)
    assert faults.evictable(pod)


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
