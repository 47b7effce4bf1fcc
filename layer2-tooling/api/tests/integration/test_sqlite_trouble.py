"""What users get while the SQLite file is locked, broken or full."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys

from hop_support import load, migrate, ready, running
from sqlalchemy import text

LINKS = "/api/v1/links"


async def test_a_sqlite_file_locked_by_another_process_is_waited_for(tmp_path):
    async with running(load(tmp_path)) as client:
        other = sqlite3.connect(tmp_path / "hop.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        wish = {"target": "https://example.com"}
        writing = asyncio.create_task(client.post(LINKS, json=wish))
        await asyncio.sleep(0.7)
        assert not writing.done()
        assert (await client.get("/never-asked")).status_code == 404  # readers do not wait
        other.execute("COMMIT")
        other.close()
        assert (await writing).status_code == 201


async def test_a_sqlite_file_that_stays_locked_is_a_503(tmp_path, monkeypatch):
    monkeypatch.setattr("hop.storage.engine.FILE_LOCK_MS", 200)
    async with running(load(tmp_path)) as client:
        other = sqlite3.connect(tmp_path / "hop.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert (await client.post(LINKS, json={"target": "https://a.test"})).status_code == 503
        assert (await client.get("/never-asked")).status_code == 404
        other.close()


@contextlib.contextmanager
def busy_machine():
    """Two loops that want all of two cores, for a minute at most."""
    loop = "import time\nend = time.time() + 60\nwhile time.time() < end: pass"
    loops = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(2)]
    try:
        yield
    finally:
        for popen in loops:
            popen.kill()
            popen.wait()


async def test_sqlite_on_a_busy_machine_refuses_nobody(tmp_path, monkeypatch):
    # 50 commits in a row on a disk that others fill take longer than anyone may stand in line.
    monkeypatch.setattr("hop.storage.database.LINE_S", 60)
    async with running(load(tmp_path)) as client:
        with busy_machine():
            made = [
                client.post(LINKS, json={"target": "https://example.com", "alias": f"made-{n}"})
                for n in range(50)
            ]
            followed = [client.get(f"/made-{n % 50}") for n in range(200)]
            answers = await asyncio.gather(*made, *followed)
    statuses = [answer.status_code for answer in answers]
    assert statuses[:50] == [201] * 50
    assert set(statuses[50:]) <= {307, 404}


async def test_a_broken_sqlite_file_is_a_503(tmp_path):
    chosen = load(tmp_path)
    await migrate(chosen)
    for name in ("hop.db", "hop.db-wal"):
        path = tmp_path / name
        if path.exists():
            path.write_bytes(b"rubbish" * 1000)
    async with running(chosen, migrated=False) as client:
        assert (await client.get("/abc")).status_code == 503
        assert (await client.get("/readyz")).status_code == 503


async def test_a_full_disk_is_said_and_reads_go_on(tmp_path):
    async with running(load(tmp_path)) as client:
        await ready(client)
        # SQLite then takes no page more than it has: its words for a full disk are the same.
        database = client.service.parts.database

        async def full(connection):
            await connection.execute(text("PRAGMA max_page_count=1"))

        await database.write(full)
        wish = {"target": f"https://example.com/{'x' * 1900}"}
        answers = [await client.post(LINKS, json=wish) for _ in range(60)]
        refused = next(answer for answer in answers if answer.status_code != 201)
        assert refused.status_code == 503
        assert refused.json()["detail"] == "the database has no space left"
        assert refused.headers["retry-after"] == "60"
        assert (await client.get(LINKS)).status_code == 200
        assert "hop_database_up 1.0" in (await client.get("/metrics")).text
