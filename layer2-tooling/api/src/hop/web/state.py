"""What one process is made of, wired once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from opentelemetry.trace import Tracer

from hop.domain.targets import host_key
from hop.services.cache import LinkCache
from hop.services.links import LinkService
from hop.services.redirects import Redirects
from hop.settings import Settings
from hop.storage.database import Database
from hop.storage.engine import make_engine
from hop.storage.links import SqlStore
from hop.storage.url import database_url

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass
class Hop:
    """The parts, and the one thing that changes: whether the process is draining."""

    settings: Settings
    database: Database
    cache: LinkCache
    redirects: Redirects
    links: LinkService
    own: frozenset[str]
    client_key: bytes
    draining: bool = False
    not_ready: str | None = field(default="the database has not answered yet")


def build(settings: Settings, *, tracer: Tracer | None = None) -> Hop:
    """Wire the parts. Nothing connects yet.

    Raises:
        SettingsError: DATABASE_URL cannot work.
    """
    engine = make_engine(database_url(settings), pool=settings.database_pool)
    database = Database(engine, tracer=tracer)
    store = SqlStore(database)
    cache = LinkCache(
        size=settings.cache_size, found_s=settings.cache_s, missing_s=settings.cache_miss_s
    )
    redirects = Redirects(store, cache)
    key = settings.client_key
    return Hop(
        settings=settings,
        database=database,
        cache=cache,
        redirects=redirects,
        links=LinkService(store, changed=redirects.changed),
        own=own_addresses(settings),
        client_key=key.get_secret_value().encode() if key else secrets.token_bytes(32),
    )


def own_addresses(settings: Settings) -> frozenset[str]:
    """`host_key` of the addresses at which this process is known to answer."""
    hosts = LOOPBACK if settings.loopback else (settings.host,)
    own = {host_key(host, settings.port) for host in hosts}
    if settings.base_url:
        own.add(key_of(settings.base_url.split("://", 1)[1]))
    return frozenset(own)


def key_of(address: str) -> str:
    """`host_key` of ``host[:port]``, as in a Host header."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        return host_key(host, int(port))
    return host_key(address, None)
