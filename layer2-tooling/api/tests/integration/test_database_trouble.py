"""What users get while the database is away, hangs, or has no connection left."""

import asyncio
import contextlib
import dataclasses
import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from bench.postgres import NoPostgresError, cluster
from hop_support import PROBLEM, load, migrate, ready, running, timed
from sqlalchemy import exc, text

from hop.storage import engine

LINKS = "/api/v1/links"
LIMIT_S = 1.0


async def all_fail_fast(client):
    for method, path, options in (
        ("GET", "/never-asked", {}),
        ("GET", LINKS, {}),
        ("POST", LINKS, {"json": {"target": "https://example.com"}}),
        ("GET", "/healthz", {}),
    ):
        answer, seconds = await timed(client, method, path, **options)
        assert answer.status_code == 503, path
        assert answer.headers["content-type"] == PROBLEM
        assert int(answer.headers["retry-after"]) >= 1
        assert seconds < LIMIT_S, path


async def remembered(client):
    """A link that is in memory, and no longer fresh."""
    await client.post(LINKS, json={"target": "https://example.com/kept", "alias": "kept"})
    assert (await client.get("/kept")).status_code == 307
    client.service.parts.cache._found["kept"].fresh_until = 0.0


async def links_in_memory_are_served(client):
    answer, seconds = await timed(client, "GET", "/kept")
    assert (answer.status_code, answer.headers["location"]) == (307, "https://example.com/kept")
    assert seconds < LIMIT_S
    assert "hop_redirects_stale_total 0.0" not in (await client.get("/metrics")).text


@pytest.fixture
def own_server():
    """A PostgreSQL that may be stopped: its URL and its process."""
    try:
        with cluster() as url:
            yield url, _process_of(url)
    except NoPostgresError as error:
        pytest.skip(f"PostgreSQL: {error}")


def _process_of(url):
    port = url.rpartition(":")[2].partition("/")[0]
    for folder in Path("/tmp").glob("hop-postgres-*/data/postmaster.pid"):
        text = folder.read_text().splitlines()
        if text[3] == port:
            return int(text[0])
    raise AssertionError("no postmaster found")


def _children(pid):
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.postgres
async def test_a_frozen_database_is_a_fast_503_and_leaks_no_connection(own_server, tmp_path):
    url, pid = own_server
    # asyncpg tells the loop about connections that it gave up; the test plug-in would fail for it.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    async with running(load(tmp_path, database_url=url)) as client:
        await ready(client)
        await remembered(client)
        stopped = [pid, *_children(pid)]
        for number in stopped:
            os.kill(number, signal.SIGSTOP)
        try:
            await all_fail_fast(client)
            await links_in_memory_are_served(client)
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.get("/livez")).status_code == 200
            assert "hop_database_up 0.0" in (await client.get("/metrics")).text
        finally:
            for number in reversed(stopped):
                os.kill(number, signal.SIGCONT)
        for _ in range(100):
            if (await client.get("/never-asked")).status_code == 404:
                break
            await asyncio.sleep(0.05)
        assert (await client.get("/healthz")).status_code == 200
        # What was given up is closed in its own time.
        pool = client.service.parts.database.engine.pool
        for _ in range(100):
            if not pool.checkedout():
                break
            await asyncio.sleep(0.05)
        assert pool.checkedout() == 0


@pytest.mark.postgres
async def test_connections_that_were_cut_cost_no_read(postgres, tmp_path):
    async with running(load(tmp_path, database_url=postgres)) as client:
        await ready(client)
        await remembered(client)
        admin = await asyncpg.connect(postgres)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await admin.close()
        assert (await client.get("/never-asked")).status_code == 404
        assert (await client.get(LINKS)).status_code == 200


@pytest.mark.postgres
async def test_an_exhausted_pool_is_a_fast_503_and_other_routes_live(postgres, tmp_path):
    async with running(load(tmp_path, database_url=postgres, database_pool=2)) as client:
        await ready(client)
        await remembered(client)
        own = client.service.parts.database.engine
        held = [await own.connect() for _ in range(2)]
        await all_fail_fast(client)
        await links_in_memory_are_served(client)
        for path in ("/livez", "/readyz", "/version", "/openapi.json"):
            assert (await client.get(path)).status_code == 200, path
        for connection in held:
            await connection.close()
        assert (await client.get("/never-asked")).status_code == 404


@pytest.mark.postgres
async def test_writers_in_line_fail_with_the_first_when_the_database_goes(own_server, tmp_path):
    url, pid = own_server
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    async with running(load(tmp_path, database_url=url)) as client:
        await ready(client)
        stopped = [pid, *_children(pid)]
        for number in stopped:
            os.kill(number, signal.SIGSTOP)
        try:
            wish = {"target": "https://example.com"}
            found = await asyncio.gather(
                *(timed(client, "POST", LINKS, json=wish) for _ in range(40))
            )
        finally:
            for number in reversed(stopped):
                os.kill(number, signal.SIGCONT)
    assert {answer.status_code for answer, _ in found} == {503}
    # Four at a time, one after the other, they would take eight times the limit.
    assert max(seconds for _, seconds in found) < 5 * LIMIT_S


async def test_a_line_of_writers_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr("hop.storage.database.LINE_S", 0.05)
    async with running(load(tmp_path)) as client:
        async with client.service.parts.database._writers:
            answer = await client.post(LINKS, json={"target": "https://example.com"})
        assert (answer.status_code, answer.json()["detail"]) == (503, "too many writes at once")


async def test_a_server_that_is_not_there_is_a_fast_503(tmp_path):
    url = "postgresql://hop@127.0.0.1:1/hop"
    async with running(load(tmp_path, database_url=url), migrated=False) as client:
        await all_fail_fast(client)
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200


def behind_another_port(url):
    """The URL of the same database at a port where nobody listens yet, that port, the real one."""
    real = urlsplit(url).port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return url.replace(f":{real}/", f":{port}/"), port, real


@contextlib.asynccontextmanager
async def forwarded(port, to):
    """Connections to ``port`` reach a server that listens elsewhere."""

    async def pump(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def connect(reader, writer):
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer))

    async with await asyncio.start_server(connect, "127.0.0.1", port):
        yield


@pytest.mark.postgres
async def test_a_database_down_at_start_is_live_not_ready_and_recovers_alone(postgres, tmp_path):
    await migrate(load(tmp_path, database_url=postgres))
    url, port, real = behind_another_port(postgres)
    async with running(load(tmp_path, database_url=url), migrated=False) as client:
        await all_fail_fast(client)
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200
        async with forwarded(port, real):
            await ready(client)
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/never-asked")).status_code == 404


@pytest.mark.postgres
async def test_no_request_waits_for_a_connection_to_be_opened(postgres, tmp_path):
    url, port, real = behind_another_port(postgres)
    await migrate(load(tmp_path, database_url=postgres))
    async with running(load(tmp_path, database_url=url), migrated=False) as client:
        async with forwarded(port, real):
            await ready(client)
        # From here on none can be opened: name or network are slow, or the server takes no more.
        burst = await asyncio.gather(*(client.get(f"/never-{n}") for n in range(30)))
    assert [answer.status_code for answer in burst] == [404] * 30


@pytest.mark.postgres
async def test_a_pool_that_is_larger_than_the_server_allows_is_opened_as_far_as_it_goes(
    postgres, tmp_path
):
    async with running(load(tmp_path, database_url=postgres, database_pool=100)) as client:
        await ready(client)
        opened = client.service.parts.database.engine.pool.checkedin()
        burst = await asyncio.gather(*(client.get(f"/never-{n}") for n in range(opened)))
        assert 10 < opened < 100
        assert [answer.status_code for answer in burst] == [404] * opened


@pytest.mark.postgres
async def test_bugs_are_not_taken_for_trouble(postgres, tmp_path):
    async with running(load(tmp_path, database_url=postgres)) as client:
        database = client.service.parts.database
        with pytest.raises(exc.ProgrammingError, match="syntax"):
            await database.read(lambda connection: connection.execute(text("SELEC 1")))


async def test_these_tests_notice_a_loop_that_hop_itself_holds_up(tmp_path):
    """The negative control: only what the machine takes is left out of the time."""

    class Blocking:
        async def request(self, method, path):
            time.sleep(1.5 * LIMIT_S)

    _, seconds = await timed(Blocking(), "GET", "/")
    assert seconds > LIMIT_S


async def test_these_tests_notice_a_missing_deadline(own_server, tmp_path, monkeypatch):
    """The negative control: with a long deadline the hanging database shows."""
    slow = dataclasses.replace(engine.SERVER, deadline_s=1.5)
    monkeypatch.setattr(engine, "SERVER", slow)
    with pytest.raises(AssertionError):
        await test_a_frozen_database_is_a_fast_503_and_leaks_no_connection(own_server, tmp_path)
