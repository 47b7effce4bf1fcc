"""`hop load-clicks` into both databases, and what /stats then says."""

import json
from datetime import datetime

import pytest
from hop_support import load, migrate, running

from hop import commands
from hop.errors import UnsafeError

LINKS = "/api/v1/links"
ROWS = [
    {"hour": "2026-11-23T10:00:00Z", "slug": "abc", "clicks": 3, "clients": 2},
    {"hour": "2026-11-23T11:00:00Z", "slug": "abc", "clicks": 4, "clients": 4},
    {"hour": "2026-11-23T11:00:00Z", "slug": "other", "clicks": 9, "clients": 1},
]


@pytest.fixture
async def chosen(database, tmp_path, anyio_backend):
    chosen = load(tmp_path, **database)
    await migrate(chosen)
    return chosen


async def given(chosen, folder, rows, as_of):
    path = folder / "clicks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    await commands.load_clicks(chosen, path, as_of=datetime.fromisoformat(as_of))


async def stats(chosen, slug="abc", **params):
    async with running(chosen) as client:
        await client.post(LINKS, json={"target": "https://example.com", "alias": slug})
        return (await client.get(f"{LINKS}/{slug}/stats", params=params)).json()


async def test_clicks_are_served_with_their_time(chosen, tmp_path):
    await given(chosen, tmp_path, ROWS, "2026-11-23T11:30:00+00:00")
    found = await stats(chosen)
    assert (found["as_of"], found["clicks"]) == ("2026-11-23T11:30:00Z", 7)
    assert found["hours"] == [
        {"hour": "2026-11-23T11:00:00Z", "clicks": 4, "clients": 4},
        {"hour": "2026-11-23T10:00:00Z", "clicks": 3, "clients": 2},
    ]
    assert (await stats(chosen, hours=1))["hours"] == found["hours"][:1]
    assert (await stats(chosen, "quiet"))["clicks"] == 0


async def test_loading_again_changes_nothing_and_late_clicks_replace(chosen, tmp_path):
    for _ in range(2):
        await given(chosen, tmp_path, ROWS, "2026-11-23T11:30:00Z")
    assert (await stats(chosen))["clicks"] == 7
    await given(chosen, tmp_path, [{**ROWS[0], "clicks": 5}], "2026-11-23T11:45:00Z")
    assert (await stats(chosen))["clicks"] == 9


async def test_an_older_file_is_refused(chosen, tmp_path):
    await given(chosen, tmp_path, ROWS, "2026-11-23T11:30:00")
    with pytest.raises(UnsafeError, match="older") as caught:
        await given(chosen, tmp_path, [], "2026-11-23T11:29:59Z")
    assert caught.value.exit_code == 77
    assert (await stats(chosen))["as_of"] == "2026-11-23T11:30:00Z"


async def test_many_rows_and_none(chosen, tmp_path):
    rows = [{**ROWS[0], "slug": f"slug{number}"} for number in range(2500)]
    await given(chosen, tmp_path, rows, "2026-11-23T11:30:00Z")
    await given(chosen, tmp_path, [], "2026-11-23T11:31:00Z")
    assert (await stats(chosen, "slug2499"))["clicks"] == 3
