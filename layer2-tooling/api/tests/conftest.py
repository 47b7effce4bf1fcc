import secrets

import asyncpg
import pytest
from bench.postgres import NoPostgresError, cluster
from hop_support import load, running
from hypothesis import settings

# A case may take as long as the machine needs: a busy one is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    from hop_support import quiet_environment

    for name in set(__import__("os").environ) - set(quiet_environment()):
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server():
    """The URL of a real PostgreSQL for this session."""
    try:
        with cluster() as url:
            yield url
    except NoPostgresError as error:
        pytest.skip(f"PostgreSQL: {error}")


@pytest.fixture
async def postgres(server, anyio_backend):
    """The URL of an empty database in it."""
    name = f"test_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    yield server.rsplit("/", 1)[0] + f"/{name}"
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """Settings for each database in turn."""
    if request.param == "sqlite":
        return {"database_url": f"sqlite:///{tmp_path}/a b/köln.db"}
    return {"database_url": request.getfixturevalue("postgres")}


@pytest.fixture
async def client(tmp_path, anyio_backend):
    """A client of a service in this process, on SQLite."""
    async with running(load(tmp_path)) as client:
        yield client
