"""Only this machine: load on somebody else's service is an attack."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import SettingsError, UnsafeTargetError


def loopback_url(text: str) -> str:
    """The scheme, host and port of ``text``.

    Raises:
        SettingsError: not the address of an HTTP server.
        UnsafeTargetError: the host is neither ``localhost`` nor a loopback address. Other
            names are refused whatever they resolve to, because that may change.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"--base-url {text!r}: {error}") from None
    if parts.scheme != "http" or not host or port == 0:
        raise SettingsError(f"--base-url must look like http://127.0.0.1:8000, got {text!r}")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError(f"--base-url takes no path, query or user, got {text!r}")
    if not _is_loopback(host):
        raise UnsafeTargetError(
            f"{host} is not this machine; hop-traffic sends to 127.0.0.1, ::1 or localhost only"
        )
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{port or 80}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
