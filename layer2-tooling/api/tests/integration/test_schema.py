"""Migrations up and down, on both databases."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hop_support import load, migrate, running
from sqlalchemy import inspect, text

from hop.errors import MigrationError, Unavailable
from hop.storage import revision, schema
from hop.storage.engine import make_engine
from hop.storage.tables import metadata
from hop.storage.url import database_url

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
TABLES = {"links", "idempotency_keys", "clicks", "click_loads"}


@pytest.fixture
async def engine(database, tmp_path, anyio_backend):
    engine = make_engine(database_url(load(tmp_path, **database)), pool=4)
    yield engine
    await engine.dispose()


async def tables(engine):
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    return set(names) - {"alembic_version"}


async def test_up_down_and_up_again(engine):
    assert await schema.migrate(engine) == (None, "0001")
    assert await tables(engine) == TABLES
    assert await schema.migrate(engine) == ("0001", "0001")
    assert await schema.migrate(engine, to="base") == ("0001", None)
    assert await tables(engine) == set()
    assert await schema.migrate(engine) == (None, "0001")


async def test_the_migrations_make_exactly_the_tables_in_the_code(engine):
    await schema.migrate(engine)

    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        await connection.execute(text("DROP INDEX ix_links_created_at_slug"))
        assert len(await connection.run_sync(differences)) == 1  # the check can fail


async def test_replicas_may_migrate_at_the_same_time(engine):
    results = await asyncio.gather(*(schema.migrate(engine) for _ in range(4)))
    assert sorted(results, key=str) == [("0001", "0001")] * 3 + [(None, "0001")]


@pytest.fixture
async def on_postgres(postgres, tmp_path, anyio_backend):
    chosen = load(tmp_path, database_url=postgres)
    engine = make_engine(database_url(chosen), pool=4, requests=False)
    yield engine
    await engine.dispose()


@pytest.mark.postgres
async def test_a_migration_that_fails_midway_leaves_nothing(on_postgres):
    async with on_postgres.begin() as connection:
        await connection.execute(text("CREATE TABLE clicks (somebody text)"))
    with pytest.raises(MigrationError, match='"clicks" already exists; rolled back'):
        await schema.migrate(on_postgres)
    assert await tables(on_postgres) == {"clicks"}
    async with on_postgres.begin() as connection:
        await connection.execute(text("DROP TABLE clicks"))
    assert await schema.migrate(on_postgres) == (None, "0001")


@pytest.mark.postgres
async def test_a_migration_does_not_make_readers_wait_for_a_slow_one(on_postgres):
    await schema.migrate(on_postgres)
    count = text("SELECT count(*) FROM links")
    async with on_postgres.begin() as slow:
        await slow.execute(count)
        with pytest.raises(Unavailable, match="others used a table for 0 s; rolled back"):
            await schema.migrate(on_postgres, to="base", wait_s=0)
        patient = asyncio.create_task(schema.migrate(on_postgres, to="base"))
        # It tries now and again; one that waits on would keep them all out until `slow` ends.
        async with on_postgres.connect() as reader:
            await reader.execute(text("SET statement_timeout = '15s'"))
            async with asyncio.timeout(15):
                while not (await reader.execute(WAITING)).scalar_one():
                    await asyncio.sleep(0.01)
            assert (await reader.execute(count)).scalar_one() == 0
        assert not patient.done()
    assert await patient == ("0001", None)


async def test_a_newer_schema_is_left_alone_and_served(engine, database, tmp_path):
    await schema.migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await schema.migrate(engine) == ("9999", "9999")
    async with running(load(tmp_path, **database)) as client:
        for _ in range(100):
            if (await client.get("/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.02)
        assert (await client.get("/readyz")).status_code == 200


def test_an_older_schema_is_a_reason_not_to_be_ready(monkeypatch):
    monkeypatch.setattr(revision, "revisions", lambda: ("0002", "0001"))
    assert "0001" in revision.complaint("0001")
    assert revision.complaint("0002") is None
    assert revision.complaint("9999") is None
    assert "hop migrate" in revision.complaint(None)


async def test_the_revision_is_what_alembic_says(engine):
    """hop reads it without Alembic when it starts."""
    scripts = ScriptDirectory.from_config(schema.config())
    assert revision.revisions() == tuple(s.revision for s in scripts.walk_revisions())
    for _ in range(2):
        async with engine.connect() as connection:
            by_alembic = await connection.run_sync(schema.current)
            assert await revision.current(connection) == by_alembic
        await schema.migrate(engine)
    assert by_alembic == revision.revisions()[0]


async def test_without_a_schema_it_is_not_ready_and_says_what_to_do(tmp_path):
    async with running(load(tmp_path), migrated=False) as client:
        for _ in range(100):
            detail = (await client.get("/readyz")).json()["detail"]
            if "hop migrate" in detail:
                break
            await asyncio.sleep(0.02)
        assert "hop migrate" in detail
        assert (await client.get("/livez")).status_code == 200
        answer = await client.get("/api/v1/links")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        await migrate(load(tmp_path))
        for _ in range(200):
            if (await client.get("/readyz")).status_code == 200:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("never ready")
