"""Who asks, without keeping the address."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from hop.settings import Network

MAX_KNOWN = 10_000


class Digests(dict[str, str]):
    """From address to digest, for one day; bounded. Known ones cost a look-up."""

    def __init__(self, key: bytes, day: str) -> None:
        super().__init__()
        self._key, self._day = key, day

    def __missing__(self, address: str) -> str:
        if len(self) >= MAX_KNOWN:
            self.clear()
        message = f"{self._day} {plain(address)}".encode()
        made = self[address] = hmac.digest(self._key, message, hashlib.sha256).hex()[:16]
        return made


class Clients:
    """Digests of client addresses.

    Args:
        key: shared by the replicas, or one client would count as several.
        trusted: proxies whose X-Forwarded-For counts.
    """

    def __init__(self, key: bytes, *, trusted: Sequence[Network] = ()) -> None:
        self._key, self._trusted = key, trusted

    def digests(self, day: str) -> Digests:
        """16 hex digits of HMAC-SHA-256 over ``<day> <address>``, with day as 2026-11-23.

        The day is in it so that nobody can be followed from one day to the next.
        """
        return Digests(self._key, day)

    def address(self, scope: Mapping[str, Any]) -> str:
        """The client's address: the last hop before our own proxies."""
        client = scope.get("client")
        peer: str = client[0] if client else "unknown"
        if not self._trusted or not self._is_trusted(peer):
            return peer
        values = [
            value.decode("latin-1")
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
        ]
        for hop in reversed([part.strip() for part in ",".join(values).split(",")]):
            if not _is_address(hop):
                break
            peer = hop
            if not self._is_trusted(hop):
                break
        return peer

    def _is_trusted(self, text: str) -> bool:
        if not _is_address(text):
            return False
        address = ipaddress.ip_address(plain(text))
        return any(address in network for network in self._trusted)


def plain(address: str) -> str:
    """IPv4 inside IPv6 in its IPv4 form: a listener on ``::`` sees the same client so."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
