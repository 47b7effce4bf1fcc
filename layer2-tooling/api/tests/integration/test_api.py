"""The API against both databases, in this process."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hop_support import PROBLEM, load, ready, running

LINKS = "/api/v1/links"
TARGET = "https://example.com/a"


@pytest.fixture
async def client(database, tmp_path, anyio_backend):
    async with running(load(tmp_path, **database)) as client:
        await ready(client)
        yield client


async def create(client, **fields):
    headers = fields.pop("headers", None)
    answer = await client.post(LINKS, json={"target": TARGET, **fields}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def soon(seconds=60):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_a_link_is_made_followed_changed_and_removed(client):
    made = await create(client)
    assert made["short_url"] == f"http://hop.test/{made['slug']}"
    assert made["expires_at"] is None
    path = f"/{made['slug']}"
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, TARGET)
    assert (await client.get(LINKS + path)).json() == made

    changed = await client.patch(LINKS + path, json={"target": "https://example.org/b"})
    assert changed.json()["created_at"] == made["created_at"]
    assert changed.json()["updated_at"] > made["updated_at"]
    assert (await client.get(path)).headers["location"] == "https://example.org/b"

    assert (await client.delete(LINKS + path)).status_code == 204
    for answer in (
        await client.get(path),
        await client.get(LINKS + path),
        await client.get(LINKS + path + "/stats"),
        await client.delete(LINKS + path),
        await client.patch(LINKS + path, json={}),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["type"] == "urn:hop:problem:not-found"


async def test_a_link_that_was_just_made_is_no_longer_a_remembered_miss(client):
    assert (await client.get("/brand-new")).status_code == 404
    await create(client, alias="brand-new")
    assert (await client.get("/brand-new")).status_code == 307


async def test_a_patch_leaves_alone_what_it_does_not_name(client):
    made = await create(client, expires_at=soon())
    path = f"{LINKS}/{made['slug']}"
    assert (await client.patch(path, json={})).json()["expires_at"] == made["expires_at"]
    changed = (await client.patch(path, json={"target": "https://example.org"})).json()
    assert changed["expires_at"] == made["expires_at"]
    cleared = (await client.patch(path, json={"expires_at": None})).json()
    assert (cleared["expires_at"], cleared["target"]) == (None, "https://example.org")


async def test_a_link_expires_with_410(client):
    made = await create(client, expires_at=soon(0.3))
    assert (await client.get(f"/{made['slug']}")).status_code == 307
    await asyncio.sleep(0.4)
    answer = await client.get(f"/{made['slug']}")
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:hop:problem:expired")
    assert (await client.get(f"{LINKS}/{made['slug']}")).status_code == 200


async def test_an_alias_is_taken_once_and_free_again_after_removal(client):
    await create(client, alias="mine")
    answer = await client.post(LINKS, json={"target": TARGET, "alias": "mine"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:hop:problem:alias-taken")
    await client.delete(f"{LINKS}/mine")
    await create(client, alias="mine")


async def test_a_hundred_at_once_for_one_alias_make_one_link(client):
    wish = {"target": TARGET, "alias": "wanted"}
    answers = await asyncio.gather(*(client.post(LINKS, json=wish) for _ in range(100)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(201), statuses.count(409)) == (1, 99)


async def test_the_same_key_and_body_make_one_link(client):
    key = {"Idempotency-Key": "order-1"}
    first = await create(client, headers=key)
    await client.patch(f"{LINKS}/{first['slug']}", json={"target": "https://example.org"})
    assert await create(client, headers=key) == first
    assert len((await client.get(LINKS)).json()["items"]) == 1
    assert await create(client) != first


async def test_the_same_key_for_an_alias_is_no_conflict(client):
    key = {"Idempotency-Key": "order-2"}
    assert await create(client, alias="mine", headers=key) == await create(
        client, alias="mine", headers=key
    )


async def test_twenty_at_once_with_one_key_make_one_link(client):
    key = {"Idempotency-Key": "order-3"}
    made = await asyncio.gather(*(create(client, headers=key) for _ in range(20)))
    assert len({link["slug"] for link in made}) == 1
    assert len((await client.get(LINKS)).json()["items"]) == 1


async def test_the_same_key_with_another_body_is_refused(client):
    key = {"Idempotency-Key": "order-4"}
    await create(client, headers=key)
    answer = await client.post(LINKS, json={"target": "https://example.org"}, headers=key)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:hop:problem:idempotency-key-reused"


async def test_a_key_whose_wish_failed_may_be_used_again(client):
    await create(client, alias="mine")
    key = {"Idempotency-Key": "order-5"}
    wish = {"target": TARGET, "alias": "mine"}
    assert (await client.post(LINKS, json=wish, headers=key)).status_code == 409
    await client.delete(f"{LINKS}/mine")
    assert (await client.post(LINKS, json=wish, headers=key)).status_code == 201


async def test_pages_show_every_link_once_although_links_are_made_meanwhile(client):
    made = [(await create(client))["slug"] for _ in range(7)]
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(LINKS, params=params)).json()
        seen += [link["slug"] for link in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await create(client)
    assert seen == made[::-1]


async def test_a_page_that_ends_exactly_is_the_last(client):
    for _ in range(2):
        await create(client)
    assert (await client.get(LINKS, params={"limit": 2})).json()["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["rubbish", "AAAA", "MjAyNi0xMS0yMyBhYmM", "ü", "a" * 257])
async def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    answer = await client.get(LINKS, params={"cursor": cursor})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


async def test_links_of_the_same_instant_are_paged_by_slug(client):
    service = client.service.parts.links
    now = datetime(2026, 11, 23, tzinfo=UTC)
    service._clock = lambda: now
    made = sorted([(await create(client))["slug"] for _ in range(5)], reverse=True)
    first = (await client.get(LINKS, params={"limit": 2})).json()
    rest = (await client.get(LINKS, params={"cursor": first["next_cursor"]})).json()
    assert [link["slug"] for link in first["items"] + rest["items"]] == made


async def test_clicks_are_unknown_until_they_are_loaded(client):
    made = await create(client)
    stats = (await client.get(f"{LINKS}/{made['slug']}/stats")).json()
    assert stats == {"slug": made["slug"], "as_of": None, "clicks": None, "hours": []}


async def test_a_drawn_slug_that_is_taken_is_drawn_again(client):
    draws = iter(["taken77", "taken77", "api", "fresh77"])
    client.service.parts.links._draw = lambda: next(draws)
    assert (await create(client))["slug"] == "taken77"
    assert (await create(client))["slug"] == "fresh77"


async def test_giving_up_on_drawing_is_a_503(client):
    client.service.parts.links._draw = lambda: "taken77"
    await create(client)
    assert (await client.post(LINKS, json={"target": TARGET})).status_code == 503


async def test_these_tests_notice_a_key_that_is_forgotten(client, monkeypatch):
    """The negative control: without the claim the same key makes two links."""
    from hop.storage.links import SqlLinks

    async def nothing(*_args, **_named):
        return None

    monkeypatch.setattr(SqlLinks, "claim_key", nothing)
    with pytest.raises(AssertionError):
        await test_the_same_key_and_body_make_one_link(client)
