import time

import pytest
from hop_support import lines, load, running

LINKS = "/api/v1/links"


@pytest.fixture
async def client(tmp_path, anyio_backend):
    async with running(load(tmp_path, faults=True)) as client:
        await client.post(LINKS, json={"target": "https://example.com", "alias": "abc"})
        yield client


def fault(text):
    return {"headers": {"Hop-Fault": text}}


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/abc", "/{slug}"),
        ("HEAD", "/abc", "/{slug}"),
        ("GET", LINKS, LINKS),
        ("POST", LINKS, LINKS),
        ("DELETE", LINKS + "/abc", LINKS + "/{slug}"),
        ("GET", LINKS + "/abc/stats", LINKS + "/{slug}/stats"),
    ],
)
async def test_a_status_on_demand_is_logged_and_counted_like_any(
    client, tmp_path, method, path, route
):
    answer = await client.request(method, path, **fault("status=503"))
    assert answer.status_code == 503
    metrics = (await client.get("/metrics")).text
    labels = f'method="{method}",http_response_status_code="503",http_route="{route}"'
    assert f"_count{{http_request_{labels}}} 1.0" in metrics
    assert (await client.get("/abc")).status_code == 307
    client.service._flush()
    client.service.access_log.close()
    found = [line for line in lines(tmp_path / "access.log") if line["status"] == 503]
    assert [(line["method"], line["route"]) for line in found] == [(method, route)]


async def test_a_delay_on_demand_still_answers(client, tmp_path):
    started = time.perf_counter()
    assert (await client.get("/abc", **fault("delay=200"))).status_code == 307
    assert time.perf_counter() - started >= 0.19
    client.service._flush()
    client.service.access_log.close()
    assert lines(tmp_path / "access.log")[-1]["duration_ms"] >= 190


@pytest.mark.parametrize("text", ["status=200", "status=999", "nonsense", "delay=", "status=5x3"])
async def test_a_fault_that_is_none_is_passed_over(client, text):
    assert (await client.get("/abc", **fault(text))).status_code == 307


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/metrics", "/faults", "/docs", "/a.b"])
async def test_only_user_routes_are_touched(client, path):
    await client.put("/faults", json={"error_rate": 1.0})
    assert (await client.get(path, **fault("status=503"))).status_code in (200, 404)


async def test_rates_pick_the_same_requests_for_the_same_seed(client):
    async def statuses():
        await client.put("/faults", json={"error_rate": 0.3, "status": 500, "seed": 7})
        return [(await client.get("/abc")).status_code for _ in range(100)]

    first = await statuses()
    assert 15 < first.count(500) < 45
    assert await statuses() == first
    assert (await client.get("/faults")).json()["error_rate"] == 0.3
    assert (await client.delete("/faults")).status_code == 204
    assert {(await client.get("/abc")).status_code for _ in range(50)} == {307}


async def test_a_delay_rate(client):
    await client.put("/faults", json={"delay_rate": 1.0, "delay_ms": 60})
    started = time.perf_counter()
    await client.get("/abc")
    assert time.perf_counter() - started >= 0.05


async def test_rates_outside_their_range_are_refused(client):
    assert (await client.put("/faults", json={"error_rate": 2})).status_code == 422


async def test_drain_on_demand_fails_readiness_only(client):
    while (await client.get("/readyz")).status_code != 200:
        pass
    assert (await client.post("/drain")).status_code == 202
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "draining")
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/abc")).status_code == 307
    assert "hop_draining 1.0" in (await client.get("/metrics")).text
