"""Spark's parser against slokit's: the same lines, the same events, the same reasons."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from conftest import line
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from hop_etl import job, parse, patterns
from hop_etl.schemas import EVENT
from slokit.event import Event
from slokit.parse import parse_line

COMMON = b'192.0.2.1 - - [23/Nov/2026:10:00:00 +0100] "GET /abc HTTP/1.1" 200 512'
COMBINED = COMMON + b' "https://example.org/" "curl/8.5"'
NGINX = json.dumps(
    {
        "time_iso8601": "2026-11-23T10:00:00+00:00",
        "remote_addr": "2001:db8::1",
        "request": "GET /abc HTTP/2.0",
        "status": "200",
        "body_bytes_sent": "5",
        "request_time": "0.029",
        "http_referer": "-",
    }
).encode()

ODD = [
    b"",
    b" \t\r",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"{",
    b"{}",
    b'{"v":1}',
    b'{"v":2,"ts":"2026-11-23T10:00:00Z"}',
    b'{"v":null,"time":"23/Nov/2026:10:00:00 +0000","status":404}',
    b'{"msec":"1795427200.123","status":"200","request":"-"}',
    b'{"msec":1795427200.5,"status":200,"request_method":"GET","uri":"/"}',
    b"\x16\x03\x01\x02\x00\x01\x00\x01",
    b"2001:db8::1" + COMBINED[9:],
    COMBINED + b' "203.0.113.9"',
    COMBINED + b"\r",
    COMBINED.replace(b"512", b"-"),
    COMBINED.replace(b"GET /abc HTTP/1.1", rb"\x16\x03\x01"),
    COMBINED.replace(b"GET /abc HTTP/1.1", b"-"),
    COMBINED.replace(b"GET /abc HTTP/1.1", b"BREW /pot"),
    COMBINED.replace(b"GET /abc HTTP/1.1", b"GET - HTTP/1.1"),
    COMBINED.replace(b"GET /abc HTTP/1.1", b"- -"),
    COMBINED.replace(b"curl/8.5", rb"a \"quoted\" agent\r"),
    COMBINED.replace(b"curl/8.5", b"a\rbare return"),
    COMBINED.replace(b"23/Nov", b"30/Feb"),
    COMBINED.replace(b"+0100", b"-1130"),
    COMBINED.replace(b" 200 ", b" 000 "),
    COMBINED.replace(b"23/Nov/2026:10:00:00 +0100", b"01/Jan/1970:00:00:00 +1400"),
    COMBINED[:40],
    line(duration_ms=1.1e-05),
    line(duration_ms=250),
    line(duration_ms=-1.0),
    line(duration_ms=None, bytes_out=None),
    line(duration_ms="1e400"),
    line(user_agent='a "quoted" \\ agent', path="/K\u00f6ln"),
    line(user_agent="K\u00f6ln \U0001f517 \x7f\u2028"),
    line(status=99),
    line(status="200"),
    line(status=True),
    line(status="200\r"),
    line(status="200\u2028"),
    line(status=None),
    line(route=""),
    line(slug="", client=""),
    line(slug="-", client="-", release="-"),
    line("2026-02-30T10:00:00.000Z"),
    line("2026-11-23T10:00:00.123456789+05:30"),
    line("2026-11-23T24:00:00.000Z"),
    line("1970-01-01T00:00:00.001+14:00"),
    line() + b" trailing",
    line() + b"\r",
    line()[:-1] + b',"v":2}',
    line()[:-1] + b',"slug":null}',
    line()[:-1] + b',"extra":{"nested":1}}',
    b"\xef\xbb\xbf" + line(),
    b"x" * 262_144,
    b"x" * 262_145,
    line(user_agent="\\" * 40_000),
    line(user_agent="x" * 200_000),
    NGINX,
    NGINX.replace(b"GET", rb"G\u0045T"),
]


def by_spark(spark: Any, folder: Path, lines: list[bytes], how: Any) -> dict[bytes, str | Event]:
    """What the job makes of lines, read from a file as any log is."""
    # The first line of a file loses a byte order mark; that is tested on its own.
    log = folder / "000000.log"
    log.write_bytes(b"first\n" + b"".join(one + b"\n" for one in lines))
    read = job.read_lines(spark, [log])
    parsed = how(read).withColumn("ts", F.unix_millis("ts"))
    with job.configured(spark):
        rows = parsed.withColumn("value", F.col("value").cast("binary")).collect()
    return {bytes(row["value"]): _result(row) for row in rows}


def _result(row: Any) -> str | Event:
    if row["reason"] is not None:
        return str(row["reason"])
    return Event(*[row[name] for name in EVENT.names])


def differences(spark: Any, folder: Path, lines: list[bytes]) -> list[tuple[bytes, Any, Any]]:
    """Lines of which the whole parser, or the strict one where it knows them, makes another."""
    whole = by_spark(spark, folder, lines, parse.events)
    strict = by_spark(spark, folder, lines, parse.strict)
    expected = {one: parse_line(one) for one in lines}
    return [
        (one[:300], found.get(one), event)
        for one, event in expected.items()
        for found in (whole, strict)
        if found.get(one) != event and not (found is strict and found.get(one) == parse.LATER)
    ]


def test_odd_lines_are_what_slokit_makes_of_them(spark: Any, tmp_path: Path) -> None:
    assert differences(spark, tmp_path, ODD) == []


def test_every_reason_occurs_in_the_odd_lines() -> None:
    from slokit.formats import REASONS

    assert {found for one in ODD if isinstance(found := parse_line(one), str)} == set(REASONS)


BASES = st.sampled_from([line(), COMMON, COMBINED, NGINX, *ODD[:50]])
TEXTS = rb'"  \  -  {  }  ,  null  1e9  "v":1,  "ts":"  [  ]  +0100  Feb  30  \u00f6  \ud83d'
PIECES = st.sampled_from([b"\r", b"\x00", b"\xc3\xb6", b"\xff", b" ", *TEXTS.split()])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A line with some of its bytes cut out, doubled or replaced."""
    found = draw(BASES)[:2_000]
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(found)))
        end = draw(st.integers(start, min(len(found), start + 12)))
        found = found[:start] + draw(PIECES | st.binary(max_size=3)) + found[end:]
    return found.replace(b"\n", b"")


@st.composite
def v1_lines(draw: st.DrawFn) -> bytes:
    text = st.none() | st.text(max_size=8)
    number = st.none() | st.floats(width=32) | st.integers(-2, 10**6) | st.text("0123456789.e-")
    moments = st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat())
    values = {
        "ts": moments | text,
        "status": st.integers(90, 610) | text,
        "duration_ms": number,
        "bytes_out": number,
        **dict.fromkeys(("method", "slug", "client", "colour", "route", "user_agent"), text),
    }
    names = draw(st.lists(st.sampled_from(sorted(values)), unique=True, max_size=4))
    found = line(**{name: draw(values[name]) for name in names if name != "ts"})
    if "ts" in names:
        found = found.replace(b'"2026-11-23T10:00:00.000Z"', json.dumps(draw(moments)).encode())
    return found


LINES = mutated() | v1_lines() | st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b""))


class Batch(list[bytes]):
    """Many lines, since a job costs more than a line; the assertion shows those that differ."""

    def __repr__(self) -> str:
        return f"<{len(self)} lines>"


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)
@given(lines=st.lists(LINES, min_size=200, max_size=400).map(Batch))
def test_any_line_is_what_slokit_makes_of_it(
    spark: Any, tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    found = differences(spark, tmp_path_factory.mktemp("lines"), lines)
    assert found == []


def test_hops_usual_lines_are_known_at_once(spark: Any, tmp_path: Path) -> None:
    usual = [
        line(),
        line(status=404, slug=None, duration_ms=1.1e-05, bytes_out=None, colour="blue"),
        line(user_agent="K@ln").replace(b"@", "\u00f6".encode()),
    ]
    odd = [line(user_agent='a "quoted" agent'), line(status=99), line("2026-02-30T10:00:00.000Z")]
    found = by_spark(spark, tmp_path, [*usual, *odd], parse.strict)
    assert [one for one in found if found[one] != parse.LATER] == usual


def _unlike(spark: Any, ours: str, java: str) -> list[int]:
    """Characters that one of two classes takes and the other does not; UTF-8 has no surrogates."""
    points = spark.range(0x110000).where(~F.col("id").between(0xD800, 0xDFFF))
    text = F.decode(F.unhex(F.lpad(F.hex("id"), 8, "0")), "UTF-32")
    unlike = points.where(text.rlike(rf"\A{ours}\z") != text.rlike(rf"\A{java}\z"))
    return [row["id"] for row in unlike.collect()]


@pytest.mark.parametrize("ours", patterns.JAVA_CLASSES)
def test_javas_classes_take_the_same_characters(spark: Any, ours: str) -> None:
    assert _unlike(spark, ours, patterns.JAVA_CLASSES[ours]) == []


def test_these_tests_notice_a_class_that_takes_another_character(spark: Any) -> None:
    assert _unlike(spark, r'[^"\\\x00-\x1f]', r"[ !#-\[\]-\x{10fffe}]") == [0x10FFFF]
    assert _unlike(spark, r'[^"\\\x00-\x1f]', r"[ !-\[\]-\x{10ffff}]") == [ord('"')]


def test_every_class_for_java_is_in_use() -> None:
    both = "".join(patterns.DATA["patterns"].values())
    assert all(ours in both for ours in patterns.JAVA_CLASSES)


def test_these_tests_notice_a_pattern_that_is_not_strict(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the strict way: with the wider pattern, wrong lines are events."""
    monkeypatch.setitem(parse.FORMATS["v1"]["strict"], "pattern", "v1_plain")
    with pytest.raises(AssertionError):
        test_odd_lines_are_what_slokit_makes_of_them(spark, tmp_path)


def test_these_tests_notice_a_broken_parser(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: with ``$`` for the end of the text, a line differs."""
    monkeypatch.setattr(patterns, "_whole", lambda name: f"^(?:{patterns.DATA['patterns'][name]})$")
    with pytest.raises(AssertionError):
        test_odd_lines_are_what_slokit_makes_of_them(spark, tmp_path)
