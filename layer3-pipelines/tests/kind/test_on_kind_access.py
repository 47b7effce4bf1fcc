"""Who gets in: by the gateway, past the API server, to the database; each seen to fail."""

from __future__ import annotations

import pytest
from on_kind import cluster, gateway, isolation, refused
from on_kind.deploy import Images

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until

pytestmark = pytest.mark.kind
BASE = ROOT / "layer3-pipelines/k8s/base"


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


def test_only_clients_reach_the_database(images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    image = images.release("1.0.0")
    if (said := isolation.check(image)) == isolation.NOT_ENFORCED:
        pytest.skip(f"{said}. Enable: make clean, then make engines ENGINE=kind")
    assert said == "a pod without the clients' label does not reach the database"
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
