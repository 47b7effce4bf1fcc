import hashlib
import hmac
import ipaddress

import pytest
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from hop.errors import SettingsError
from hop.telemetry import tracing
from hop.telemetry.clients import MAX_KNOWN, Clients
from hop.telemetry.metrics import BUCKETS_S, Metrics
from hop.telemetry.tracing import Sampler

DAY = "2026-11-23"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def forwarded(*values):
    return [(b"x-forwarded-for", value.encode()) for value in values]


def scope(peer, headers):
    return {"client": (peer, 1234), "headers": headers}


def trusting(*networks):
    return Clients(b"key", trusted=[ipaddress.ip_network(network) for network in networks])


def test_a_client_is_an_hmac_of_day_and_address():
    expected = hmac.new(b"key", b"2026-11-23 192.0.2.1", hashlib.sha256).hexdigest()[:16]
    digests = Clients(b"key").digests(DAY)
    assert digests["192.0.2.1"] == expected
    assert digests["::ffff:192.0.2.1"] == expected
    assert Clients(b"key").digests("2026-11-24")["192.0.2.1"] != expected
    assert Clients(b"other").digests(DAY)["192.0.2.1"] != expected


def test_remembered_digests_are_bounded():
    digests = Clients(b"key").digests(DAY)
    for number in range(MAX_KNOWN + 10):
        digests[str(number)]
    assert len(digests) <= MAX_KNOWN


def test_a_forwarding_header_counts_only_from_a_trusted_proxy():
    headers = forwarded("203.0.113.9")
    assert Clients(b"key").address(scope("10.0.0.1", headers)) == "10.0.0.1"
    assert trusting("10.0.0.0/8").address(scope("192.0.2.1", headers)) == "192.0.2.1"
    assert trusting("10.0.0.0/8").address(scope("10.0.0.1", headers)) == "203.0.113.9"
    assert trusting("10.0.0.0/8").address(scope("::ffff:10.0.0.1", headers)) == "203.0.113.9"


def test_a_client_cannot_invent_its_address():
    # It wrote 1.1.1.1 itself; the outer proxy (10.0.0.2) saw 203.0.113.9.
    headers = forwarded("1.1.1.1", "203.0.113.9, 10.0.0.2")
    assert trusting("10.0.0.0/8").address(scope("10.0.0.1", headers)) == "203.0.113.9"
    assert trusting("10.0.0.0/8").address(scope("10.0.0.1", forwarded("rubbish"))) == "10.0.0.1"
    assert trusting("10.0.0.0/8").address(scope("unknown", headers)) == "unknown"


def test_a_duration_falls_into_the_bucket_that_it_does_not_exceed():
    metrics = Metrics(version="1", release="r", colour=None)
    for seconds in (0.25, 0.2501, 99.0):
        metrics.requests.observe("GET", "/{slug}", 307, seconds)
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    family = next(f for f in families if f.name == "http_server_request_duration_seconds")
    buckets = {s.labels["le"]: s.value for s in family.samples if s.name.endswith("_bucket")}
    assert (buckets["0.1"], buckets["0.25"], buckets["0.5"]) == (0, 1, 2)
    assert (buckets["2.5"], buckets["+Inf"]) == (2, 3)
    values = {s.name.rsplit("_", 1)[1]: s.value for s in family.samples}
    assert values["count"] == 3
    assert values["sum"] == pytest.approx(99.5001)


def test_the_objectives_threshold_is_a_bucket():
    assert 0.25 in BUCKETS_S


def test_unknown_methods_share_one_label():
    metrics = Metrics(version="1", release="r", colour="blue")
    for method in ("BREW", "PROPFIND"):
        metrics.requests.observe(method, "unmatched", 405, 0.1)
    text = generate_latest(metrics.registry).decode()
    assert 'http_request_method="_OTHER"' in text
    assert "BREW" not in text
    assert 'route="unmatched"} 2.0' in text
    assert 'hop_build_info{colour="blue",release="r",version="1"} 1.0' in text


@pytest.fixture
def tracer():
    return TracerProvider().get_tracer("test")


def test_a_share_of_requests_is_sampled(tracer):
    always, never = Sampler(tracer, share=1.0), Sampler(tracer, share=0.0)
    span, trace_id = always.begin("GET", None)
    assert span is not None
    assert len(trace_id) == 32
    assert never.begin("GET", None) == (None, None)


def test_the_callers_decision_wins(tracer):
    never, always = Sampler(tracer, share=0.0), Sampler(tracer, share=1.0)
    span, trace_id = never.begin("GET", f"00-{TRACE}-b7ad6b7169203331-01".encode())
    assert span.get_span_context().trace_id == int(TRACE, 16)
    assert trace_id == TRACE
    assert always.begin("GET", f"00-{TRACE}-b7ad6b7169203331-00".encode()) == (None, TRACE)


@pytest.mark.parametrize(
    "parent", [b"", b"rubbish", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01", b"\xff" * 55]
)
def test_a_broken_traceparent_is_none(tracer, parent):
    assert Sampler(tracer, share=0.0).begin("GET", parent) == (None, None)


def test_without_a_provider_the_callers_trace_id_is_still_logged():
    parent = f"00-{TRACE}-b7ad6b7169203331-01".encode()
    assert Sampler(None, share=1.0).begin("GET", parent) == (None, TRACE)
    assert Sampler(None, share=1.0).begin("GET", None) == (None, None)


@pytest.mark.parametrize(
    ("sampler", "argument", "share"),
    [
        (None, None, 0.01),
        ("always_on", None, 1.0),
        ("parentbased_always_off", None, 0.0),
        ("traceidratio", "0.5", 0.5),
        ("parentbased_traceidratio", "1", 1.0),
    ],
)
def test_sampling_follows_the_standard_variables(monkeypatch, sampler, argument, share):
    for name, value in (("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)):
        if value:
            monkeypatch.setenv(name, value)
    assert tracing.share_from_environment() == share


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_TRACES_SAMPLER_ARG", "half"),
    ],
)
def test_a_sampler_that_hop_does_not_have_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        tracing.share_from_environment()


def test_spans_go_nowhere_unless_an_exporter_is_named(monkeypatch):
    def made():
        provider = tracing.provider_from_environment(version="1", release="r")
        if provider is not None:
            provider.shutdown()
        return provider

    assert made() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert made() is not None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert made() is None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    assert made().resource.attributes["service.version"] == "1"
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert made() is None
    monkeypatch.delenv("OTEL_SDK_DISABLED")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    with pytest.raises(SettingsError, match="zipkin"):
        made()
