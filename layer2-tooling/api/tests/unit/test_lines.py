import hashlib
import hmac
import json
from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop.telemetry import lines
from hop.telemetry.clients import Clients
from hop.telemetry.lines import LineEncoder
from hop.telemetry.middleware import request_ids

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()
RECORDS = st.tuples(
    st.sampled_from(["GET", "HEAD", "BREW"]),
    st.text(max_size=10),
    st.integers(100, 599),
    st.floats(0, 1000),
    st.text(st.characters(max_codepoint=127)).map(str.encode),
    st.none() | st.text(max_size=10),
    st.integers(0, 10**9),
    # Eighths are exact in binary, so that both ways to a millisecond agree; around midnight.
    st.integers(-40, 40).map(lambda eighths: MIDNIGHT + eighths / 8),
    st.text("abc123._-", min_size=1),
    st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
    st.sampled_from(["192.0.2.1", "2001:db8::1", "unknown"]),
    st.none() | st.binary(max_size=40),
    st.none() | st.binary(max_size=40).map(lambda raw: raw.translate(None, b"?#@")),
)


def plainly(record, duration_ms):
    """The line as the standard library writes it, with nothing kept from one line to the next."""
    method, route, status, _, path, slug, size, ended, request_id, trace_id, *client = record
    at = datetime.fromtimestamp(ended, UTC)
    digest = hmac.new(b"key", f"{at:%Y-%m-%d} {client[0]}".encode(), hashlib.sha256)
    line = {
        "v": 1,
        "ts": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "request_id": request_id,
        "method": method,
        "route": route,
        "path": path.decode(),
        "status": status,
        "duration_ms": duration_ms,
        "bytes_out": 0 if method == "HEAD" else size,
        "slug": slug,
        "client": digest.hexdigest()[:16],
        "user_agent": client[1] if client[1] is None else client[1].decode("latin-1"),
        "referer": client[2] if client[2] is None else client[2].decode("latin-1"),
        "trace_id": trace_id,
        "release": '1 "ü"',
        "colour": "blue",
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def check(records):
    made = LineEncoder(clients=Clients(b"key"), release='1 "ü"', colour="blue").encode(records)
    durations = [json.loads(line)["duration_ms"] for line in made]
    assert made == [plainly(*pair) for pair in zip(records, durations, strict=True)]
    for record, duration in zip(records, durations, strict=True):
        assert duration == round(duration, 3)
        assert duration == pytest.approx(record[3] * 1000, abs=0.000501, rel=1e-12)


@settings(deadline=None)
@given(st.lists(RECORDS, max_size=5))
def test_lines_are_what_the_standard_library_writes(records):
    check(records)


def test_the_check_notices_yesterdays_digests_and_a_wrong_millisecond(monkeypatch):
    """The negative controls: what is kept from line to line, kept too long; a table off by one."""
    start = ("GET", "/{slug}", 307, 0.0001234, b"/abc", "abc", 0)
    records = [
        (*start, MIDNIGHT + at, "id", None, "192.0.2.1", b"curl", None) for at in (-0.5, 0.5)
    ]
    check(records)
    yesterdays = Clients(b"key").digests("2026-11-23")
    with monkeypatch.context() as patch:
        patch.setattr(Clients, "digests", lambda *_: yesterdays)
        with pytest.raises(AssertionError):
            check(records)
    shifted = lines.MILLISECONDS[1:] + lines.MILLISECONDS[:1]
    monkeypatch.setattr(lines, "MILLISECONDS", shifted)
    with pytest.raises(AssertionError):
        check(records)


def test_request_ids_are_16_hex_digits_that_never_come_again():
    ids, other = request_ids(), request_ids()
    made = list(islice(ids, 0x2001))  # over two borders of the part that is made once
    assert len({*made, next(other)}) == 0x2002
    assert {len(each) for each in made} == {16}
    assert [int(each, 16) - int(made[0], 16) for each in made] == list(range(0x2001))
