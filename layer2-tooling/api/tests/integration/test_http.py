"""Answers that do not depend on the database."""

import pytest
from hop_support import JSON, PROBLEM, load, running

LINKS = "/api/v1/links"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "target"),
        ({"target": "ftp://example.com"}, "target"),
        ({"target": "https://u:p@example.com"}, "target"),
        ({"target": "http://hop.test/x"}, "target"),
        ({"target": "http://127.0.0.1:8000/x"}, "target"),
        ({"target": "https://example.com", "alias": "docs"}, "alias"),
        ({"target": "https://example.com", "alias": "a/b"}, "alias"),
        ({"target": "https://example.com", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"target": "https://example.com", "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"target": "https://example.com", "typo": 1}, "typo"),
    ],
)
async def test_a_wrong_wish_names_the_field(client, body, field):
    answer = await client.post(LINKS, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert "u:p" not in answer.text


@pytest.mark.parametrize("content", [b"{", b'{"target": "\\ud800"}', b"[" * 50_000, b"\xff"])
async def test_a_body_that_cannot_be_read_is_the_clients_fault(client, content):
    answer = await client.post(LINKS, content=content, headers={"content-type": JSON})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == PROBLEM


async def test_a_null_target_is_no_change(client):
    await client.post(LINKS, json={"target": "https://example.com", "alias": "mine"})
    assert (await client.patch(f"{LINKS}/mine", json={"target": None})).status_code == 422
    assert (await client.patch(f"{LINKS}/mine", json={"target": ""})).status_code == 422


async def test_a_large_body_is_refused(client):
    body = b'{"target": "https://example.com/' + b"a" * 10_000_000 + b'"}'
    answer = await client.post(LINKS, content=body, headers={"content-type": JSON})
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)

    async def chunks():
        for _ in range(100):
            yield b"a" * 100_000

    answer = await client.post(LINKS, content=chunks(), headers={"content-type": JSON})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/" + "x" * 9000, "/a.b", "/a/b", "/abc/", "/%2e%2e", "/", "/ü"])
async def test_a_path_that_is_no_slug_is_not_found_and_unmatched(client, tmp_path, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/abc", {"GET", "HEAD"}),
        ("DELETE", "/abc", {"GET", "HEAD"}),
        ("OPTIONS", "/abc", {"GET", "HEAD"}),
        ("PUT", LINKS, {"GET", "POST"}),
        ("POST", "/livez", {"GET"}),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(client, method, path, allowed):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert set(answer.headers["allow"].split(", ")) <= allowed


async def test_head_redirects_too(client):
    await client.post(LINKS, json={"target": "https://example.com/ü", "alias": "mine"})
    answer = await client.head("/mine")
    assert answer.status_code == 307
    assert answer.headers["location"] == "https://example.com/%C3%BC"
    assert answer.headers["cache-control"] == "no-store"
    assert (await client.head("/nope")).status_code == 404


async def test_writes_need_the_token_where_one_is_set(tmp_path):
    async with running(load(tmp_path, token="s3cret", faults=True)) as client:
        wish = {"target": "https://example.com", "alias": "mine"}
        for header in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic s3cret"}):
            for answer in (
                await client.post(LINKS, json=wish, headers=header),
                await client.patch(f"{LINKS}/mine", json={}, headers=header),
                await client.delete(f"{LINKS}/mine", headers=header),
                await client.post("/drain", headers=header),
                await client.put("/faults", json={}, headers=header),
            ):
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.headers["content-type"] == PROBLEM
        good = {"authorization": "Bearer s3cret"}
        assert (await client.post(LINKS, json=wish, headers=good)).status_code == 201
        assert (await client.get(f"{LINKS}/mine")).status_code == 200
        assert (await client.get("/mine")).status_code == 307


async def test_the_public_address_comes_from_the_setting(tmp_path):
    async with running(load(tmp_path, base_url="https://hop.example")) as client:
        made = await client.post(LINKS, json={"target": "https://example.com", "alias": "mine"})
        assert made.json()["short_url"] == "https://hop.example/mine"
        answer = await client.post(LINKS, json={"target": "http://hop.example/mine"})
        assert answer.status_code == 422


async def test_operators_see_what_runs(client):
    assert (await client.get("/livez")).json() == {"status": "ok"}
    assert (await client.get("/healthz")).json()["database"] == "ok"
    assert (await client.get("/version")).json()["release"] == "dev"
    assert (await client.get("/docs")).status_code == 200
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")


async def test_metrics_come_in_the_format_that_is_asked_for(client):
    await client.get("/abc")
    plain = await client.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    series = 'http_request_method="GET",http_response_status_code="404",http_route="/{slug}"'
    assert series in plain.text
    accept = {"accept": "application/openmetrics-text"}
    openmetrics = await client.get("/metrics", headers=accept)
    assert openmetrics.text.endswith("# EOF\n")


async def test_fault_endpoints_are_not_there_unless_asked_for(client):
    assert (await client.get("/faults")).status_code == 404
    assert (await client.post("/drain")).status_code == 405
    answer = await client.get("/abc", headers={"Hop-Fault": "status=503"})
    assert answer.status_code == 404


async def test_an_unexpected_error_is_a_problem_and_shows_nothing(client, tmp_path, monkeypatch):
    async def broken(*_args):
        raise RuntimeError("s3cret detail")

    monkeypatch.setattr(client.service.parts.redirects, "find", broken)
    monkeypatch.setattr(client.service.parts.links, "get", broken)
    for path in ("/abc", f"{LINKS}/abc"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
        assert "s3cret" not in answer.text


async def test_without_telemetry_there_is_no_log(tmp_path):
    async with running(load(tmp_path, telemetry=False)) as client:
        assert (await client.get("/abc")).status_code == 404
        client.service.reopen_log()
    assert not (tmp_path / "access.log").exists()


async def test_a_client_that_sends_a_request_id_gets_it_back_in_problems(client):
    answer = await client.get("/nope", headers={"x-request-id": "mine-1"})
    assert answer.json()["request_id"] == "mine-1"
    answer = await client.get("/nope", headers={"x-request-id": "no spaces please"})
    assert answer.json()["request_id"] != "no spaces please"
