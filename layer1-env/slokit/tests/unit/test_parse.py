import pytest
from made import T0, combined, v1

from slokit import parse_json
from slokit.errors import LogFormatError
from slokit.event import Event
from slokit.formats import MAX_LINE_OCTETS, REASONS
from slokit.parse import parse, parse_line


def ok(line: bytes) -> Event:
    result = parse_line(line)
    assert isinstance(result, Event), f"{result}: {line[:300]!r}"
    return result


def test_hops_own_line_gives_every_field() -> None:
    assert ok(v1(referer="https://e.org/", trace_id="t")) == Event(
        T0, "GET", "/{slug}", "/abc", 307, 3.25, 0, "abc", "0123456789abcdef", "curl/8",
        "https://e.org/", "t", "0123456789abcdef", "r1", "blue",
    )  # fmt: skip


def test_order_spaces_escapes_and_unknown_keys_make_no_difference() -> None:
    shuffled = (
        rb'{ "colour": "bl\u0075e", "release":"r1","trace_id":null,"extra":true, "referer":null,'
        rb'"user_agent":"curl\/8","client":"0123456789abcdef","slug":"abc","bytes_out":0,'
        rb'"duration_ms":3.25,"status":307,"path":"/abc","route":"/{slug}","method":"GET",'
        rb'"request_id":"0123456789abcdef","ts":"2026-11-23T10:00:00.000Z","v":1 } '
    )
    assert ok(shuffled) == ok(v1())


def test_common_and_combined() -> None:
    line = combined(tail="")
    assert ok(line) == Event(T0, "GET", "*", "/abc", 200, bytes_out=512, client="203.0.113.9")
    full = ok(combined(tail=' "https://e.org/" "Mozilla/5.0 (X11)"'))
    assert (full.referer, full.user_agent) == ("https://e.org/", "Mozilla/5.0 (X11)")


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        ("GET / HTTP/1.0", "GET", "/"),
        ("GET /", "GET", "/"),  # HTTP/0.9
        ("PRI * HTTP/2.0", "PRI", "*"),
        ("FOO_bar-1 /x HTTP/1.1", "FOO_bar-1", "/x"),
        (r"GET /a\"b\x20c HTTP/1.1", "GET", r"/a\"b\x20c"),
        ("GET /köln HTTP/1.1", "GET", "/köln"),
        (r"\x16\x03\x01\x02", None, None),  # TLS on a plain port
        ("-", None, None),
        ("", None, None),
        ("GET /a b HTTP/1.1", None, None),
        ("GET  / HTTP/1.1", None, None),
        ("GET", None, None),
    ],
)
def test_whatever_was_asked_the_request_counts(
    request_line: str, method: str | None, path: str | None
) -> None:
    event = ok(combined(request_line, "400"))
    assert (event.method, event.path, event.status) == (method, path, 400)


@pytest.mark.parametrize(
    ("prefix", "client"),
    [
        (b"2001:db8::1 - -", "2001:db8::1"),
        (b"::1 - -", "::1"),
        (b"- - -", None),
        (b"example.org:443 192.0.2.1 - -", "192.0.2.1"),  # Debian's vhost_combined
        (b"192.0.2.1 - john doe", "192.0.2.1"),
    ],
)
def test_who_asked(prefix: bytes, client: str | None) -> None:
    line = prefix + b' [23/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5'
    assert ok(line).client == client


@pytest.mark.parametrize(
    "tail", [' "-" "ua" "203.0.113.7"', ' "-" "ua" 0.003 "a b"', ' "-" "ua"\r', "\r"]
)
def test_more_fields_and_a_carriage_return_are_let_be(tail: str) -> None:
    assert ok(combined(tail=tail)).status == 200


def test_a_dash_for_the_size_is_none_of_it() -> None:
    assert ok(combined(size="-")).bytes_out == 0
    assert ok(v1(bytes_out=None)).bytes_out is None


def test_nginx_json_with_strings_or_numbers() -> None:
    text = (
        b'{"time_local":"23/Nov/2026:11:00:00 +0100","request":"GET /a HTTP/1.1","status":"200",'
        b'"request_time":"0.029","bytes_sent":7,"remote_addr":"::1","http_referer":""}'
    )
    number = (
        b'{"msec":1795428000.000,"request_method":"GET","request_uri":"/a","status":200,'
        b'"request_time":0.029,"bytes_sent":7,"remote_addr":"::1","http_referer":"-"}'
    )
    expected = Event(T0, "GET", "*", "/a", 200, 29.0, 7, client="::1")
    assert ok(text) == ok(number) == expected


def test_a_truth_value_is_its_word() -> None:
    assert [ok(v1(slug=value)).slug for value in (True, False)] == ["true", "false"]


def test_an_event_knows_what_it_is() -> None:
    assert ok(v1()).is_click
    assert not ok(v1(method="HEAD")).is_click
    assert not ok(v1(status=404)).is_click
    assert not ok(v1(slug=None)).is_click
    assert ok(v1(route="/livez")).is_internal
    assert ok(v1(ts="2026-11-23T10:00:00.5+01:30")).as_dict()["ts"] == "2026-11-23T08:30:00.500Z"


REJECTED = [
    ("too_long", b"x" * (MAX_LINE_OCTETS + 1)),
    ("encoding", b"\xff"),
    ("encoding", b"{\xed\xa0\x80}"),
    ("blank", b""),
    ("blank", b" \t\r"),
    ("json", b"{"),
    ("json", v1()[:-20]),
    ("json", b'{"a":{"b":1}}'),
    ("json", b'{"a":[1]}'),
    ("json", b'{"a":NaN}'),
    ("json", b'{"a":01}'),
    ("json", b'{"a":1} x'),
    ("json", b'{"a":"\t"}'),
    ("json", rb'{"a":"\ud800"}'),
    ("json", b'{"a":1,}'),
    ("json", b"{'a':1}"),
    ("json", b'{"a":' + b"9" * 101 + b"}"),
    ("json", b'{"' + b"a" * 101 + b'":1}'),
    ("json", b'{"a":' * 5000),
    ("format", b"hello"),
    ("format", combined()[:-3]),
    ("format", combined() + b"x"),
    ("format", b"\xef\xbb\xbf" + v1()),
    ("version", v1(v=2)),
    ("version", v1(v="")),
    ("version", b'{"v":1.0}'),
    ("version", b'{"v":true}'),
    ("missing", v1(ts=...)),
    ("missing", v1(route=None)),
    ("missing", v1(status="")),
    ("missing", b'{"status":200}'),
    ("missing", b"{}"),
    ("timestamp", v1(ts="2026-02-30T10:00:00Z")),
    ("timestamp", v1(ts="2026-11-23 10:00:00Z")),
    ("timestamp", v1(ts="2026-11-23T10:00:00")),
    ("timestamp", v1(ts="2026-11-23T10:00:60Z")),
    ("timestamp", v1(ts="1969-12-31T23:59:59Z")),
    ("timestamp", v1(ts="23/Nov/2026:10:00:00 +0000")),
    ("timestamp", combined(time="31/Apr/2026:10:00:00 +0000")),
    ("timestamp", combined(time="23/nov/2026:10:00:00 +0000")),
    ("timestamp", combined(time="23/Nov/2026:10:00:00")),
    ("timestamp", combined(time="")),
    ("timestamp", b'{"time":"now","status":200}'),
    ("status", v1(status=600)),
    ("status", v1(status=99)),
    ("status", v1(status=200.0)),
    ("status", combined(status="000")),
    ("status", combined(status="-")),
    ("status", combined(status="\uff12\uff10\uff10")),
    ("number", v1(duration_ms=-1)),
    ("number", v1(duration_ms="1e400")),
    ("number", v1(bytes_out=1.5)),
    ("number", v1(bytes_out=10**18)),
    ("number", combined(size="1k")),
    ("number", b'{"time":"2026-11-23T10:00:00Z","status":200,"request_time":"0.1, 0.2"}'),
]


@pytest.mark.parametrize(("reason", "line"), REJECTED)
def test_a_line_is_rejected_for_one_reason(reason: str, line: bytes) -> None:
    assert parse_line(line) == reason


def test_every_reason_is_shown_above() -> None:
    assert list(dict.fromkeys(reason for reason, _ in REJECTED)) == list(REASONS)


def test_the_first_reason_wins() -> None:
    everything_wrong = v1(v=2, ts="x", status=0, bytes_out=-1)
    assert parse_line(everything_wrong) == "version"
    assert parse_line(v1(ts="x", status=0, bytes_out=-1)) == "timestamp"
    assert parse_line(v1(status=0, bytes_out=-1)) == "status"
    assert parse_line(b"\xff" * (MAX_LINE_OCTETS + 1)) == "too_long"


def test_a_key_that_stands_twice_counts_last() -> None:
    assert ok(b'{"status":500,' + v1()[1:]).status == 307
    assert parse_line(v1()[:-1] + b',"status":null}') == "missing"


def test_the_longest_line_is_still_read() -> None:
    room = MAX_LINE_OCTETS - len(v1(path=""))
    assert len(str(ok(v1(path="a" * room)).path)) == room
    assert parse_line(v1(path="a" * (room + 1))) == "too_long"


def test_parse_raises_what_parse_line_returns() -> None:
    assert parse(v1() + b"\n") == parse(v1().decode()) == ok(v1())
    with pytest.raises(LogFormatError, match="blank: nothing but spaces") as caught:
        parse("\n")
    assert caught.value.reason == "blank"
    with pytest.raises(LogFormatError, match="encoding"):
        parse("\ud800")


def test_these_tests_notice_a_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with seconds taken for milliseconds the nginx test must fail."""
    monkeypatch.setattr(parse_json._nginx, "_suffix", "")
    with pytest.raises(AssertionError):
        test_nginx_json_with_strings_or_numbers()
