"""What follows from who reached the database: a broken policy is red, an idle network a skip."""

from __future__ import annotations

from itertools import chain, repeat

import pytest
from on_kind import cluster, inside, isolation
from on_kind.isolation import NOT_ENFORCED, verdict

from layerctl.errors import LayerctlError


def test_a_stranger_in_an_enforcing_network_is_red() -> None:
    with pytest.raises(LayerctlError, match="without the clients' label reaches the database"):
        verdict(enforced=True, client=True, stranger=True)


@pytest.mark.parametrize("stranger", [True, False])
def test_without_enforcement_nothing_is_proved(stranger: bool) -> None:
    assert verdict(enforced=False, client=True, stranger=stranger) == NOT_ENFORCED


def test_a_stranger_kept_out_is_what_is_wanted() -> None:
    said = verdict(enforced=True, client=True, stranger=False)
    assert said == "a pod without the clients' label does not reach the database"


@pytest.mark.parametrize("enforced", [True, False])
def test_a_client_kept_out_is_red_anyway(enforced: bool) -> None:
    with pytest.raises(LayerctlError, match="does not reach it"):
        verdict(enforced=enforced, client=False, stranger=False)


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_node_that_was_away_gets_a_while(
    monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    answers = chain([False, False], repeat(comes_back))
    monkeypatch.setattr(isolation, "BACK_S", 60 if comes_back else 1)
    monkeypatch.setattr(isolation, "enforced", lambda _image: True)
    monkeypatch.setattr(isolation, "get", lambda *_: {"status": {"podIP": "10.0.0.1"}})
    monkeypatch.setattr(isolation, "nodes", lambda: cluster.Nodes("control", "keeper", "other"))
    monkeypatch.setattr(
        inside,
        "reaches_database",
        lambda *_, client, node: client and node == "other" and next(answers),
    )
    if comes_back:
        assert "does not reach the database" in isolation.check("image")
    else:
        with pytest.raises(LayerctlError, match="does not reach it"):
            isolation.check("image")
