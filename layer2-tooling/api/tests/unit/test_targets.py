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


SCHEME = "target must begin with http:// or https://"
HOST = "target has no valid host"
USER = "target must not contain a user name or password"
LETTER = "target contains a space, a control character or a backslash"
FORM = "target is not a URL with a host and a port"
LONG = "target is longer than 2048 characters"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://example.com", SCHEME),
        ("javascript:alert(1)", SCHEME),
        ("data:text/html,hi", SCHEME),
        ("//example.com", SCHEME),
        ("example.com", SCHEME),
        ("", SCHEME),
        ("http:example.com", HOST),
        ("http:///path", HOST),
        ("http://", HOST),
        ("http://?q", HOST),
        ("https://user:secret@example.com", USER),
        ("https://user@example.com", USER),
        ("https://@example.com", USER),
        ("https://example.com\\@evil.test", LETTER),
        ("https://exa\tmple.com", LETTER),
        ("https://example.com/\r\nSet-Cookie:a=b", LETTER),
        (" https://example.com", LETTER),
        ("https://example.com/a b", LETTER),
        ("https://example.com/\x00", LETTER),
        ("https://example.com/\ud800", LETTER),
        ("https://example.com:99999/", FORM),
        ("https://example.com:port/", FORM),
        ("https://[::1/", FORM),
        ("https://exa$mple.com/", HOST),
        ("https://" + "a" * 70 + ".com", FORM),
        ("https://example.com/" + "ü" * 1000, LONG),
    ],
)
def test_bad_targets(target, reason):
    with pytest.raises(InvalidLink) as caught:
        check_target(target)
    assert (caught.value.field, str(caught.value)) == ("target", reason)


def test_the_longest_target_is_the_longest():
    fits = "https://example.com/".ljust(MAX_LENGTH, "a")
    assert check_target(fits) == fits
    with pytest.raises(InvalidLink, match=LONG):
        check_target(fits + "a")


@pytest.mark.parametrize(
    ("host", "port", "key"),
    [
        ("Hop.Example.", None, "hop.example"),
        ("hop.example", 80, "hop.example"),
        ("hop.example", 443, "hop.example"),
        ("hop.example", 8000, "hop.example:8000"),
    ],
)
def test_an_address_has_one_form(host, port, key):
    assert host_key(host, port) == key


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
    with pytest.raises(InvalidLink, match=r"^target leads back to this service$") as caught:
        check_target(target, own=own)
    assert caught.value.field == "target"
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
