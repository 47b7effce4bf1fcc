"""Log lines made from known events, in every format that slokit reads."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from slokit.event import Event, rfc3339
from slokit.formats import DATA

Write = Callable[..., Path]
MONTHS = DATA["months"]
T0 = 1795428000_000  # 2026-11-23T10:00:00Z


def v1(**fields: Any) -> bytes:
    """A line as hop writes it; fields by name change or, as ``...``, drop one."""
    line = {
        "v": 1,
        "ts": "2026-11-23T10:00:00.000Z",
        "request_id": "0123456789abcdef",
        "method": "GET",
        "route": "/{slug}",
        "path": "/abc",
        "status": 307,
        "duration_ms": 3.25,
        "bytes_out": 0,
        "slug": "abc",
        "client": "0123456789abcdef",
        "user_agent": "curl/8",
        "referer": None,
        "trace_id": None,
        "release": "r1",
        "colour": "blue",
    } | fields
    kept = {key: value for key, value in line.items() if value is not ...}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()


def combined(
    request: str = "GET /abc HTTP/1.1",
    status: str = "200",
    *,
    size: str = "512",
    time: str = "23/Nov/2026:10:00:00 +0000",
    tail: str = ' "-" "curl/8"',
) -> bytes:
    return f'203.0.113.9 - - [{time}] "{request}" {status} {size}{tail}'.encode()


def as_v1(event: Event) -> bytes:
    fields = event._asdict()
    return v1(ts=rfc3339(fields.pop("ts_ms")), **fields)


def as_combined(event: Event, minutes: int) -> bytes:
    """``minutes`` east of Greenwich."""
    zone = timezone(timedelta(minutes=minutes))
    at = datetime.fromtimestamp(event.ts_ms / 1000, zone)
    time = f"{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} {at:%z}"
    return (
        f'{event.client or "-"} - - [{time}] "{event.method} {event.path} HTTP/1.1" {event.status} '
        f'{event.bytes_out} "{event.referer or "-"}" "{event.user_agent or "-"}"'
    ).encode()


def as_nginx_json(event: Event) -> bytes:
    """As ``log_format ... escape=json`` writes it: strings, empty where there is no value."""
    line = {
        "time_iso8601": rfc3339(event.ts_ms // 1000 * 1000).replace(".000Z", "+00:00"),
        "remote_addr": event.client or "",
        "request": f"{event.method} {event.path} HTTP/1.1",
        "status": str(event.status),
        "body_bytes_sent": str(event.bytes_out),
        "request_time": "" if event.duration_ms is None else f"{event.duration_ms / 1000:.3f}",
        "http_referer": event.referer or "",
        "http_user_agent": event.user_agent or "",
    }
    return json.dumps(line, ensure_ascii=False).encode()


# Letters of many alphabets, quotes, backslashes, control characters; no lone surrogate is UTF-8.
_any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_logged_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\ '),
    min_size=1,
    max_size=20,
)
# A line that begins with { is JSON.
_logged_text = _logged_text.filter(lambda text: text != "-" and text[0] != "{")
_methods = st.sampled_from(["GET", "HEAD", "POST", "DELETE", "PROPFIND", "M-SEARCH"])


def events(*, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Event]:
    maybe = st.none() | texts
    return st.builds(
        Event,
        ts_ms=st.integers(0, 32_503_593_600_000),  # to the year 2999, in any zone
        method=_methods,
        route=texts,
        path=texts,
        status=st.integers(100, 599),
        duration_ms=st.none() | st.integers(0, 10**9).map(lambda us: us / 1000),
        bytes_out=st.integers(0, 10**17),
        slug=maybe,
        client=maybe,
        user_agent=maybe,
        referer=maybe,
        trace_id=maybe,
        request_id=maybe,
        release=maybe,
        colour=maybe,
    )


any_events = events(texts=_any_text)
logged_events = events(texts=_logged_text)
