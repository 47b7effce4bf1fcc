"""Targets: where a link may lead."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit, urlunsplit

from hop.errors import InvalidLink

MAX_LENGTH = 2048
PORTS = {"http": 80, "https": 443}

# Browsers drop tabs and line ends inside a URL and read a backslash as a slash, so what
# they open would not be what was checked.
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
SAFE = "!#$%&'()*+,/:;=?@[]~"


def host_key(host: str, port: int | None) -> str:
    """Host and port in one form; 80 and 443 count as one, since one service has both."""
    name = host.lower().rstrip(".")
    return name if port in (None, 80, 443) else f"{name}:{port}"


def check_target(target: str, *, own: Collection[str] = ()) -> str:
    """The target as an ASCII URL, fit for a Location header.

    Args:
        target: what the client sent.
        own: `host_key` of each address at which hop itself answers.

    Raises:
        InvalidLink: not http(s), no host, credentials inside, too long, or hop itself.
    """
    if FORBIDDEN.search(target):
        raise InvalidLink("target", "target contains a space, a control character or a backslash")
    try:
        parts = urlsplit(target)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
    except ValueError:
        raise InvalidLink("target", "target is not a URL with a host and a port") from None
    if parts.scheme not in PORTS:
        raise InvalidLink("target", "target must begin with http:// or https://")
    if "@" in parts.netloc:
        raise InvalidLink("target", "target must not contain a user name or password")
    shown = f"[{host}]" if ":" in host else host
    if not HOST.fullmatch(shown):
        raise InvalidLink("target", "target has no valid host")
    if host_key(shown, port) in own:
        raise InvalidLink("target", "target leads back to this service")
    netloc = shown if port is None else f"{shown}:{port}"
    rest = [quote(part, safe=SAFE) for part in (parts.path, parts.query, parts.fragment)]
    url = urlunsplit((parts.scheme, netloc, *rest))
    if len(url) > MAX_LENGTH:
        raise InvalidLink("target", f"target is longer than {MAX_LENGTH} characters")
    return url
