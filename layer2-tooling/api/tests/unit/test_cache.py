from datetime import UTC, datetime

import pytest

from hop.domain.links import Link
from hop.services.cache import LinkCache

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def link(slug="abc"):
    return Link(slug, f"https://example.com/{slug}", NOW, NOW)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return LinkCache(size=3, found_s=5, missing_s=1, clock=clock)


def test_a_link_is_fresh_for_five_seconds_from_before_the_query(cache, clock):
    started = cache.started()
    clock.now += 2  # the query took two seconds
    cache.put("abc", link(), started)
    clock.now += 2.9
    assert cache.fresh("abc").location == b"https://example.com/abc"
    clock.now += 0.1
    assert cache.fresh("abc") is None
    assert cache.stale("abc").link == link()
    assert cache.fresh("abc")
    clock.now += 1
    assert cache.fresh("abc") is None


def test_a_miss_is_fresh_for_one_second_and_never_stale(cache, clock):
    cache.put("abc", None, cache.started())
    clock.now += 0.9
    assert cache.fresh("abc").link is None
    clock.now += 0.1
    assert cache.fresh("abc") is None
    assert cache.stale("abc") is None


def test_a_write_drops_the_slug(cache):
    cache.put("abc", link(), cache.started())
    cache.drop("abc")
    assert cache.fresh("abc") is None
    assert cache.stale("abc") is None


def test_what_was_read_before_a_write_is_not_kept(cache):
    started = cache.started()
    cache.drop("abc")
    assert cache.put("abc", link(), started).link == link()
    assert cache.fresh("abc") is None


def test_it_is_bounded_and_keeps_what_was_used_last(cache):
    for slug in ("a", "b", "c"):
        cache.put(slug, link(slug), cache.started())
    assert cache.fresh("a")
    cache.put("d", link("d"), cache.started())
    assert cache.fresh("b") is None
    assert cache.fresh("a")
    assert len(cache) == 3


def test_made_up_slugs_do_not_push_out_links(cache):
    cache.put("abc", link(), cache.started())
    for number in range(100):
        cache.put(f"made-up-{number}", None, cache.started())
    assert cache.fresh("abc")
    assert len(cache) == 4


def test_a_miss_that_becomes_a_link_is_forgotten(cache):
    cache.put("abc", None, cache.started())
    cache.put("abc", link(), cache.started())
    assert len(cache) == 1
    assert cache.fresh("abc").link == link()
