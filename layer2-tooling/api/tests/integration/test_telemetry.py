"""Log lines, metrics and spans of real requests through the whole application."""

import re

import pytest
from hop_support import lines, load, running
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import event

from hop.telemetry.lines import MAX_PATH

LINKS = "/api/v1/links"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
SCHEMA = {
    "v": int,
    "ts": str,
    "request_id": str,
    "method": str,
    "route": str,
    "path": str,
    "status": int,
    "duration_ms": float,
    "bytes_out": int,
    "slug": str | None,
    "client": str,
    "user_agent": str | None,
    "referer": str | None,
    "trace_id": str | None,
    "release": str,
    "colour": str | None,
}


async def logged(folder, *requests, **values):
    """What each (method, path, options) leaves in the log."""
    async with running(load(folder, **values)) as client:
        await client.post(LINKS, json={"target": "https://example.com", "alias": "abc"})
        for method, path, *options in requests:
            await client.request(method, path, **(options[0] if options else {}))
    return lines(folder / "access.log")[1:]


async def test_a_line_has_the_contracted_fields_in_order(tmp_path):
    found = await logged(tmp_path, ("GET", "/abc"), ("GET", "/nope"), ("GET", "/livez"))
    for line in found:
        assert list(line) == list(SCHEMA)
        for name, kind in SCHEMA.items():
            assert isinstance(line[name], kind), name
        assert line["v"] == 1
        assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
        assert re.fullmatch(r"[0-9a-f]{16}", line["client"])
        assert 0 <= line["duration_ms"] < 10_000
    assert len({line["request_id"] for line in found}) == 3


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "slug"),
    [
        ("GET", "/abc", "/{slug}", 307, "abc"),
        ("HEAD", "/abc", "/{slug}", 307, "abc"),
        ("GET", "/nope", "/{slug}", 404, "nope"),
        ("POST", "/abc", "/{slug}", 405, None),
        ("GET", "/a.b", "unmatched", 404, None),
        ("GET", "/" + "x" * 9000, "unmatched", 404, None),
        ("GET", LINKS, LINKS, 200, None),
        ("PUT", LINKS, LINKS, 405, None),
        ("GET", f"{LINKS}/abc", LINKS + "/{slug}", 200, None),
        ("GET", f"{LINKS}/abc/stats", LINKS + "/{slug}/stats", 200, None),
        ("GET", f"{LINKS}/abc/nope", "unmatched", 404, None),
        ("GET", "/healthz", "/healthz", 200, None),
        ("GET", "/docs", "/docs", 200, None),
    ],
)
async def test_the_route_is_the_template_in_full(tmp_path, method, path, route, status, slug):
    (line,) = await logged(tmp_path, (method, path))
    assert (line["method"], line["route"], line["status"]) == (method, route, status)
    assert line["slug"] == slug
    assert line["path"] == path[:MAX_PATH]


async def test_a_body_that_is_too_large_is_logged_with_its_route(tmp_path):
    (line,) = await logged(tmp_path, ("POST", LINKS, {"content": b"a" * 100_000}))
    assert (line["route"], line["status"]) == (LINKS, 413)


async def test_the_path_is_escaped_and_without_its_query(tmp_path):
    (line,) = await logged(tmp_path, ("GET", "/%0a%22ü?token=s3cret"))
    assert line["path"] == "/%0a%22%C3%BC"
    assert "s3cret" not in (tmp_path / "access.log").read_text()


async def test_headers_are_cut_and_a_referer_loses_what_may_be_secret(tmp_path):
    headers = {
        "user-agent": b'odd "agent"\t\xe9' + b"x" * 1000,
        "referer": "https://user:s3cret@example.com/page?token=s3cret#s3cret",
    }
    (line,) = await logged(tmp_path, ("GET", "/abc", {"headers": headers}))
    assert line["user_agent"].startswith('odd "agent"\t\xe9xxx')
    assert len(line["user_agent"]) == 512
    assert line["referer"] == "https://example.com/page"
    assert "s3cret" not in (tmp_path / "access.log").read_text()


async def test_bytes_out_are_the_bodys(tmp_path):
    async with running(load(tmp_path)) as client:
        answer = await client.get("/nope")
        await client.head("/nope")
        await client.get("/docs")
    found = [line["bytes_out"] for line in lines(tmp_path / "access.log")]
    assert found[0] == len(answer.content) > 0
    assert found[1] == 0


async def test_release_colour_and_client_key_come_from_the_settings(tmp_path):
    values = {"release": "1.2.3", "colour": "green", "client_key": "shared"}
    (line,) = await logged(tmp_path / "a", ("GET", "/abc"), **values)
    (other,) = await logged(tmp_path / "b", ("GET", "/abc"), **values)
    assert (line["release"], line["colour"]) == ("1.2.3", "green")
    assert line["client"] == other["client"]
    (foreign,) = await logged(tmp_path / "c", ("GET", "/abc"), client_key="other")
    assert foreign["client"] != line["client"]


async def test_the_address_itself_is_never_logged(tmp_path):
    headers = {"x-forwarded-for": "203.0.113.77"}
    await logged(tmp_path, ("GET", "/abc", {"headers": headers}), trusted_proxies="127.0.0.1")
    assert "203.0.113.77" not in (tmp_path / "access.log").read_text()
    assert "127.0.0.1" not in (tmp_path / "access.log").read_text()


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    name = "hop.web.app.provider_from_environment"
    monkeypatch.setattr(name, lambda **_: provider)
    return exporter


async def test_a_sampled_redirect_has_a_span_and_its_query_one_below(database, tmp_path, spans):
    async with running(load(tmp_path, **database)) as client:
        await client.post(LINKS, json={"target": "https://example.com", "alias": "abc"})
        spans.clear()
        await client.get("/abc", headers=PARENT)
        await client.get("/abc", headers=PARENT)
    query, first, second = spans.get_finished_spans()
    assert first.name == second.name == "GET /{slug}"
    assert f"{first.context.trace_id:032x}" == TRACE
    assert first.attributes["http.response.status_code"] == 307
    assert query.name.startswith("SELECT ")
    assert query.parent.span_id == first.context.span_id
    assert "links" in query.attributes["db.query.text"]
    assert [line["trace_id"] for line in lines(tmp_path / "access.log")][1:] == [TRACE, TRACE]


@pytest.mark.parametrize(("sampler", "listened"), [("always_off", 0), ("always_on", 1)])
async def test_a_request_that_is_not_traced_pays_for_no_listener(
    sampler, listened, database, tmp_path, spans, monkeypatch
):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    heard, listen = [], event.listen
    async with running(load(tmp_path, **database)) as client:
        monkeypatch.setattr(event, "listen", lambda *told: (heard.append(told[1]), listen(*told)))
        await client.get("/abc")
        engine = client.service.parts.database.engine.sync_engine
    assert heard.count("before_cursor_execute") == listened
    # One on the engine makes each connection collect its listeners, which costs 20 us.
    assert not list(engine.dispatch.before_cursor_execute)


async def test_values_do_not_get_into_spans(database, tmp_path, spans, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    async with running(load(tmp_path, token="t0ken", **database)) as client:
        wish = {"target": "https://example.com/s3cret", "alias": "s3cret-alias"}
        await client.post(LINKS, json=wish, headers={"authorization": "Bearer t0ken"})
    text = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "INSERT" in text
    assert "s3cret" not in text
    assert "t0ken" not in text


async def test_a_failed_query_and_a_failed_request_are_marked(tmp_path, spans, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    async with running(load(tmp_path), migrated=False) as client:
        assert (await client.get("/abc")).status_code == 503
    found = [span for span in spans.get_finished_spans() if span.status.status_code.name == "ERROR"]
    assert {span.name for span in found} >= {"SELECT sqlite", "GET /{slug}"}


async def test_made_up_paths_add_no_series(tmp_path):
    async with running(load(tmp_path)) as client:
        for method in ("GET", "BREW"):
            await client.request(method, "/made-up")
            await client.request(method, "/made.up")
        before = len((await client.get("/metrics")).text.splitlines())
        for number in range(300):
            await client.get(f"/{number}x" if number % 2 else f"/{number}.x")
        await client.request("PROPFIND", "/made-up")
        after = len((await client.get("/metrics")).text.splitlines())
    assert after - before <= 20  # /metrics itself is a series, after its first request
    assert after < 500


async def test_these_tests_notice_a_raw_path_as_route(tmp_path, monkeypatch):
    """The negative control: with the path in place of the template series grow."""
    monkeypatch.setattr("hop.web.front.TEMPLATE", "")
    monkeypatch.setattr("hop.telemetry.middleware.template", lambda scope: scope["path"])
    with pytest.raises(AssertionError):
        await test_made_up_paths_add_no_series(tmp_path)
