from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hop.domain.targets import MAX_LENGTH, check_target, host_key
from hop.errors import InvalidLink


@pytest.mark.parametrize(
    ("target", "stored"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTP://Example.COM:8080/A?b=c#d", "http://example.com:8080/A?b=c#d"),
        ("https://köln.example/straße?q=ü", "https://xn--kln-sna.example/stra%C3%9Fe?q=%C3%BC"),
        ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("https://example.com/a%20b?c=%2F", "https://example.com/a%20b?c=%2F"),
        ("https://example.com./", "https://example.com./"),
    ],
)
def test_good_targets(target, stored):
    assert check_target(target) == stored


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://example.com", "http://"),
        ("javascript:alert(1)", "http://"),
        ("data:text/html,hi", "http://"),
        ("//example.com", "http://"),
        ("example.com", "http://"),
        ("", "http://"),
        ("http:example.com", "no valid host"),
        ("http:///path", "no valid host"),
        ("http://", "no valid host"),
        ("http://?q", "no valid host"),
        ("https://user:secret@example.com", "user name"),
        ("https://user@example.com", "user name"),
        ("https://@example.com", "user name"),
        ("https://example.com\\@evil.test", "backslash"),
        ("https://exa\tmple.com", "control"),
        ("https://example.com/\r\nSet-Cookie:a=b", "control"),
        (" https://example.com", "space"),
        ("https://example.com/a b", "space"),
        ("https://example.com/\x00", "control"),
        ("https://example.com/\ud800", "control"),
        ("https://example.com:99999/", "host and a port"),
        ("https://example.com:port/", "host and a port"),
        ("https://[::1/", "host and a port"),
        ("https://exa$mple.com/", "no valid host"),
        ("https://" + "a" * 70 + ".com", "host and a port"),
        ("https://example.com/" + "ü" * 1000, str(MAX_LENGTH)),
    ],
)
def test_bad_targets(target, reason):
    with pytest.raises(InvalidLink, match=reason) as caught:
        check_target(target)
    assert caught.value.field == "target"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        "http://hop.example/abc",
        "https://hop.example/abc",
        "https://HOP.example:443",
        "http://hop.example.:80/",
        "http://127.0.0.1:8000/abc",
    ],
)
def test_a_link_cannot_lead_back_to_the_service(target):
    own = {host_key("hop.example", None), host_key("127.0.0.1", 8000)}
    with pytest.raises(InvalidLink, match="back to this service"):
        check_target(target, own=own)
    assert check_target("http://127.0.0.1:9000/", own=own)


@given(st.one_of(st.text(max_size=60), st.text(max_size=60).map("https://example.com/".__add__)))
@example("https://example.com/%\r\nX: y")
def test_whatever_is_taken_fits_a_location_header(text):
    try:
        target = check_target(text)
    except InvalidLink:
        return
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    assert urlsplit(target).scheme in ("http", "https")
    assert urlsplit(target).username is None
    assert check_target(target) == target
