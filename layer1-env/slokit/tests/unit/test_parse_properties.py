import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made import any_events, as_combined, as_nginx_json, as_v1, combined, logged_events, v1

from slokit import parse_json
from slokit.event import Event
from slokit.formats import PATTERNS, REASONS
from slokit.parse import parse_line
from slokit.tables import Builder


@given(any_events)
def test_what_hop_writes_comes_back(event: Event) -> None:
    assert parse_line(as_v1(event)) == event


@given(logged_events)  # of any_events five in six hold an escape, and take the general way
def test_the_fast_way_and_the_general_way_agree(event: Event) -> None:
    line = as_v1(event)
    spaced = b"{ " + line[1:]  # one space is enough to leave the fast way
    assert parse_json._plain(line.decode())
    assert not parse_json._plain(spaced.decode())
    assert parse_line(spaced) == parse_line(line)


@given(logged_events)
def test_what_the_pipeline_takes_unchecked_is_accepted(event: Event) -> None:
    line = as_v1(event)
    strict = PATTERNS["v1_strict"].fullmatch(line.decode())
    assert strict or "\ufffd" in line.decode()
    assert strict is None or parse_line(line) == event


@given(st.text(alphabet=' -09aZ.eE+"\\\x7fé', max_size=12))
def test_both_ways_reject_alike(text: str) -> None:
    for field in ("ts", "status", "duration_ms", "bytes_out", "route", "slug"):
        line = v1(**{field: text})
        assert parse_line(line) == parse_line(b"{ " + line[1:])
        raw = v1(**{field: "@"}).replace(b'"@"', text.encode())
        assert parse_line(raw) == parse_line(b"{ " + raw[1:])


@given(logged_events, st.integers(-14 * 60, 14 * 60))
def test_combined_comes_back_from_any_time_zone(event: Event, minutes: int) -> None:
    expected = Event(
        event.ts_ms // 1000 * 1000, event.method, "*", event.path, event.status,
        bytes_out=event.bytes_out, client=event.client, user_agent=event.user_agent,
        referer=event.referer,
    )  # fmt: skip
    in_range = event.ts_ms // 1000 + minutes * 60 >= 0
    if in_range:
        assert parse_line(as_combined(event, minutes)) == expected


@given(logged_events)
def test_nginx_json_comes_back(event: Event) -> None:
    event = event._replace(duration_ms=event.duration_ms and round(event.duration_ms) * 1.0)
    parsed = parse_line(as_nginx_json(event))
    assert isinstance(parsed, Event)
    same = (
        "method",
        "path",
        "status",
        "duration_ms",
        "bytes_out",
        "client",
        "user_agent",
        "referer",
    )
    assert [getattr(parsed, n) for n in same] == [getattr(event, n) for n in same]
    assert parsed.ts_ms == event.ts_ms // 1000 * 1000


nearly = st.sampled_from([v1(), combined(), combined(tail=""), b'{"time":"x","status":1}'])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good line with some bytes lost, doubled or changed."""
    line = bytearray(draw(nearly))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(line) - 1))
        line[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
        line = line or bytearray(b" ")
    return bytes(line)


@given(st.binary(max_size=200) | damaged())
@example(b"{" * 10_000)
@example(b'{"a":"' + rb"\\" * 100_000)
@example(b'- - - [] "' + rb"\"" * 100_000)
def test_the_parser_never_raises(line: bytes) -> None:
    result = parse_line(line)
    assert isinstance(result, Event) or result in REASONS
    if isinstance(result, Event):
        json.dumps(result.as_dict()).encode()


@given(st.lists(st.binary(max_size=40) | damaged() | any_events.map(as_v1), max_size=20))
def test_lines_are_accepted_or_rejected(lines: list[bytes]) -> None:
    builder = Builder()
    for line in lines:
        builder.add_line("x", line)
    tables = builder.tables()
    assert tables.lines == len(lines) == tables.accepted + tables.rejected
    assert tables.rejected == sum(row.lines for row in tables.rejects)


def test_these_tests_notice_a_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a fast way that mixes two fields up must be seen."""
    fields = list(parse_json._PLAIN_FIELDS)
    fields[-1], fields[-2] = fields[-2], fields[-1]
    monkeypatch.setattr(parse_json, "_PLAIN_FIELDS", tuple(fields))
    mixed_up = Event(0, "GET", "/", "/", 200, release="r1", colour="blue")
    with pytest.raises(AssertionError):
        test_the_fast_way_and_the_general_way_agree.hypothesis.inner_test(mixed_up)  # type: ignore[attr-defined]
