"""The stack, for real: in this order, because each test finds what the one before has left."""

from __future__ import annotations

from typing import Any

import pytest
from stack import (
    alerts,
    dashboard,
    disks,
    faults,
    follow,
    isolation,
    notebook,
    order,
    run,
    signals,
)
from stack.compose import Stack
from stack.web import ask

from layerctl.errors import LayerctlError
from layerctl.labels import call
from layerctl.waits import until

pytestmark = pytest.mark.docker
# An index on what a function once said, and a function that now says something else.
LYING_INDEX = """
CREATE TABLE lies (x integer);
INSERT INTO lies VALUES (1);
CREATE FUNCTION lie(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE INDEX lies_at ON lies (lie(x));
CREATE OR REPLACE FUNCTION lie(integer) RETURNS integer
 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN -$1; END';
"""


@pytest.fixture(scope="module")
def seen(stack: Stack) -> dict[str, Any]:
    """One redirect, followed, before the ETL has run."""
    with pytest.raises(LayerctlError, match=r"no tables yet|no click yet"):
        notebook.execute(stack)
    return follow.trail(stack)


@pytest.fixture(scope="module")
def facts(stack: Stack, seen: dict[str, Any]) -> dict[str, Any]:
    return run.work(stack)


def test_a_request_is_followed_from_proxy_to_database_span(seen: dict[str, Any]) -> None:
    assert {"GET /{slug}", "SELECT postgresql"} <= set(seen["spans"])
    assert seen["replica"] in ("hop-1", "hop-2")


def test_both_replicas_served_and_their_clicks_came_back(facts: dict[str, Any]) -> None:
    assert min(facts["clicks_by_replica"].values()) > 0
    assert facts["hottest_link_told"] == facts["hottest_link_sent"] > 0
    assert facts["plots"] == 2


@pytest.mark.usefixtures("facts")
def test_the_followed_request_is_one_click(stack: Stack, seen: dict[str, Any]) -> None:
    assert follow.click_row(stack, seen["slug"])["clients"] == 1
    with pytest.raises(LayerctlError, match="nobody-asked answered 404"):
        follow.click_row(stack, "nobody-asked")


def test_writes_need_the_token(stack: Stack) -> None:
    body = {"target": "https://example.com/"}
    assert ask(f"{stack.url('HOP_PORT')}/api/v1/links", method="POST", body=body).status == 401


def test_only_its_network_reaches_the_database(stack: Stack) -> None:
    assert isolation.check(stack)["hop-1"] == "connected"
    webhook = stack.run("ps", "-q", "webhook").strip()
    # The control: the same container on that network gets in, and the check says so.
    call("docker", "network", "connect", f"{stack.name}_data", webhook)
    try:
        with pytest.raises(LayerctlError, match="webhook: the database answers"):
            isolation.check(stack)
    finally:
        call("docker", "network", "disconnect", f"{stack.name}_data", webhook)


@pytest.mark.usefixtures("facts")
def test_every_signal_of_the_matrix_is_there(stack: Stack) -> None:
    assert signals.check(stack)["signals"] > 20
    wrong = signals.read()
    wrong["proxy"]["log"] = {"has": "never said"}
    del wrong["webhook"]
    assert signals.missing(stack, wrong) == [
        "webhook: not in signals.toml",
        "proxy: no log: {'has': 'never said'}",
    ]


@pytest.mark.usefixtures("facts")
def test_every_panel_of_the_dashboard_has_data(stack: Stack) -> None:
    assert dashboard.check(stack)["panels_with_data"] == len(dashboard.queries())
    assert dashboard.empty(stack, {"Wrong": "no_such_metric"}) == ["Wrong"]


def test_secrets_show_nowhere_in_docker(stack: Stack) -> None:
    for service in stack.services():
        container = stack.run("ps", "-aq", service).strip()
        shown = call("docker", "inspect", container)
        assert stack.secret("hop_token") not in shown
        assert stack.secret("postgres_password") not in shown


def test_a_full_disk_is_a_clear_refusal_and_loses_nothing(stack: Stack) -> None:
    found = faults.disk_full(stack)
    assert found["found_after"] >= found["acknowledged"] > 0
    assert found["refused_with"].startswith("503 ")


def test_a_disk_that_is_not_full_and_an_index_that_lies_are_noticed(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The controls of the test above."""
    psql = ("exec", "-T", "postgres", "psql", "-U", "hop", "-q")
    assert faults.damage(stack) == ""
    stack.run(*psql, given=LYING_INDEX)
    try:
        assert 'lacks matching index tuple within index "lies_at"' in faults.damage(stack)
    finally:
        stack.run(*psql, given="DROP TABLE lies; DROP FUNCTION lie;")
    monkeypatch.setattr(disks, "fill", lambda *_: None)
    monkeypatch.setattr(faults, "FULL_LIMIT", 3)
    with pytest.raises(LayerctlError, match="4 links fit on a full disk"):
        faults.disk_full(stack)


def test_requests_are_answered_without_observers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "PAIRS", 1)
    monkeypatch.setattr(faults, "SENT", 50)
    assert faults.unobserved(stack)["failed"] == 0
    # The control: the proxy is no observer, so without it all requests fail.
    monkeypatch.setattr(faults, "OBSERVERS", ("proxy",))
    with pytest.raises(LayerctlError, match="50 of 50 requests failed"):
        faults.unobserved(stack)
    until("the proxy to be back", lambda: order.answers(stack), 60)


def test_a_rule_that_nothing_proves_is_found(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    run.up(stack)  # the observers have only just come back
    monkeypatch.setattr(alerts, "STAGES", alerts.STAGES[:-1])
    with pytest.raises(LayerctlError, match="rules and proofs differ: EtlDown"):
        alerts.prove(stack)
    with pytest.raises(LayerctlError, match="never seen in both places: NoSuchAlert"):
        alerts.Watch(stack).wait(["NoSuchAlert"], limit_s=1)


def test_every_alert_reaches_alertmanager_and_the_webhook(stack: Stack) -> None:
    run.up(stack)
    found = alerts.prove(stack)["alerts_in_alertmanager_and_at_webhook"]
    assert set(found) == alerts.known(stack)
