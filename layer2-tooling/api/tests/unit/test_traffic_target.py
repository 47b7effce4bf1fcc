import pytest

from hop_traffic.errors import SettingsError, UnsafeTargetError
from hop_traffic.target import loopback_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://127.8.8.8:1", "http://127.8.8.8:1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://LOCALHOST", "http://localhost:80"),
    ],
)
def test_this_machine_is_allowed(text, url):
    assert loopback_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com",
        "http://10.0.0.1:8000",
        "http://0.0.0.0:8000",
        "http://[::]:8000",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://2130706433:8000",
        "http://169.254.169.254",
    ],
)
def test_any_other_machine_is_refused(text):
    with pytest.raises(UnsafeTargetError) as refusal:
        loopback_url(text)
    assert refusal.value.code == 77


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8000",
        "https://127.0.0.1",
        "file:///etc/passwd",
        "http://",
        "http://:80",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1/path",
        "http://127.0.0.1?q",
        "http://127.0.0.1@example.com",
        "http://example.com@127.0.0.1",
    ],
)
def test_what_is_no_address_of_a_server_is_a_usage_error(text):
    with pytest.raises(SettingsError) as refusal:
        loopback_url(text)
    assert refusal.value.code == 2
