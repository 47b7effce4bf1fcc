import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hop.domain.links import Link
from hop.errors import LinkExpired, LinkNotFound, Unavailable
from hop.services.cache import LinkCache
from hop.services.redirects import Redirects

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ABC = Link("abc", "https://example.com/abc", NOW, NOW)


class Store:
    """Counts queries, can be slow, and can be away."""

    def __init__(self):
        self.links, self.queries, self.away = {"abc": ABC}, 0, False
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, work):
        self.queries += 1
        answer = await work(self)
        await self.gate.wait()
        if self.away:
            raise Unavailable("away")
        return answer

    async def get(self, slug):
        return self.links.get(slug)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def redirects(store, clock):
    cache = LinkCache(size=10, found_s=5, missing_s=1, clock=clock)
    return Redirects(store, cache, clock=lambda: NOW.timestamp() + clock.now)


async def test_the_second_time_needs_no_query(redirects, store):
    assert redirects.remembered("abc") is None
    assert await redirects.find("abc") == b"https://example.com/abc"
    assert redirects.remembered("abc") == b"https://example.com/abc"
    assert (store.queries, redirects.hits, redirects.misses) == (1, 1, 1)


async def test_an_unknown_slug_is_not_found_twice_with_one_query(redirects, store):
    with pytest.raises(LinkNotFound):
        await redirects.find("nope")
    with pytest.raises(LinkNotFound):
        redirects.remembered("nope")
    assert store.queries == 1


async def test_a_link_ends_while_it_is_in_memory(redirects, store, clock):
    store.links["abc"] = Link("abc", ABC.target, NOW, NOW, NOW + timedelta(seconds=2))
    await redirects.find("abc")
    clock.now = 1.99
    assert redirects.remembered("abc")
    clock.now = 2.0
    with pytest.raises(LinkExpired):
        redirects.remembered("abc")


async def test_many_who_ask_at_once_share_one_query(redirects, store):
    store.gate.clear()
    asking = [asyncio.create_task(redirects.find("abc")) for _ in range(50)]
    await asyncio.sleep(0)
    store.gate.set()
    assert set(await asyncio.gather(*asking)) == {b"https://example.com/abc"}
    assert store.queries == 1


async def test_whoever_asks_after_a_write_does_not_get_what_was_read_before(redirects, store):
    store.gate.clear()
    early = asyncio.create_task(redirects.find("abc"))
    await asyncio.sleep(0)
    store.links["abc"] = Link("abc", "https://example.com/new", NOW, NOW)
    redirects.changed("abc")
    late = asyncio.create_task(redirects.find("abc"))
    await asyncio.sleep(0)
    store.gate.set()
    assert await early == b"https://example.com/abc"
    assert await late == b"https://example.com/new"
    assert redirects.remembered("abc") == b"https://example.com/new"


async def test_a_known_link_outlives_the_database(redirects, store, clock):
    await redirects.find("abc")
    clock.now, store.away = 3600.0, True
    assert await redirects.find("abc") == b"https://example.com/abc"
    assert redirects.stale == 1


async def test_an_unknown_one_does_not_even_if_it_was_a_miss_before(redirects, store, clock):
    with pytest.raises(LinkNotFound):
        await redirects.find("nope")
    clock.now, store.away = 2.0, True
    with pytest.raises(Unavailable):
        await redirects.find("nope")


async def test_a_client_that_goes_away_leaves_the_others_a_clear_answer(redirects, store):
    store.gate.clear()
    first = asyncio.create_task(redirects.find("abc"))
    await asyncio.sleep(0)
    second = asyncio.create_task(redirects.find("abc"))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(Unavailable):
        await second
    store.gate.set()
    assert await redirects.find("abc") == b"https://example.com/abc"


async def test_these_tests_notice_shared_queries_gone(redirects, store, monkeypatch):
    """The negative control: without single flight the 50 above make 50 queries."""
    monkeypatch.setattr(redirects, "_flights", Forgetful())
    with pytest.raises(AssertionError):
        await test_many_who_ask_at_once_share_one_query(redirects, store)


class Forgetful(dict):
    def get(self, key, default=None):
        return default
