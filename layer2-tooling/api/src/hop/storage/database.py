"""One engine, two ways in: single reads without a transaction, and transactions.

Trouble with the database becomes `Unavailable` within `DEADLINE_S`. After it, callers
are refused at once for `PAUSE_S`: a service that queues behind a dead database dies too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
import structlog
from opentelemetry.trace import Tracer
from sqlalchemy import URL, event, exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hop.errors import Unavailable
from hop.storage.spans import trace_queries

DEADLINE_S = 0.8  # the answer has to be out within a second
POOL_WAIT_S = 0.3
PAUSE_S = 0.5
MISSING_TABLE = "42P01"

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
TROUBLE = (exc.DBAPIError, exc.TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
log = structlog.get_logger("hop.database")


def make_engine(url: URL, *, pool: int, tracer: Tracer | None = None) -> AsyncEngine:
    """An engine for `url` with at most `pool` connections; queries are traced by `tracer`."""
    options: dict[str, Any] = {"pool_size": pool, "max_overflow": 0, "pool_timeout": POOL_WAIT_S}
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, **options)
        _prepare_sqlite(engine)
    else:
        engine = create_async_engine(
            url,
            connect_args={"timeout": DEADLINE_S, "command_timeout": DEADLINE_S},
            **options,
        )
    if tracer is not None:
        trace_queries(engine, tracer)
    return engine


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # hop begins its transactions itself, see below
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=500")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that turns from reading to writing fails without waiting.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """Runs work on connections; see the module for what happens in trouble."""

    def __init__(self, engine: AsyncEngine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.engine = engine
        self.up = False
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._closed_until = 0.0

    async def read(self, work: Work[T]) -> T:
        """The answer of one read; a connection that died in the pool is tried once more."""

        async def attempt() -> T:
            async with self._reader.connect() as connection:
                return await work(connection)

        async def twice() -> T:
            try:
                return await attempt()
            except exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return await attempt()

        return await self._guarded(twice)

    async def write(self, work: Work[T]) -> T:
        """The answer of one transaction, committed."""

        async def attempt() -> T:
            async with self.engine.begin() as connection:
                return await work(connection)

        return await self._guarded(attempt)

    async def ping(self) -> None:
        """Ask for nothing, even while others are refused.

        Raises:
            Unavailable: no answer.
        """
        await self._guarded(self._select_one, patient=True)

    async def _select_one(self) -> None:
        async with self._reader.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close the pool; a database that hangs does not hold us up."""
        try:
            async with asyncio.timeout(2):
                await self.engine.dispose()
        except (TimeoutError, *TROUBLE):
            log.warning("database connections did not close in time")

    async def _guarded(self, attempt: Callable[[], Awaitable[T]], *, patient: bool = False) -> T:
        if self._clock() < self._closed_until and not patient:
            raise Unavailable("the database does not answer")
        try:
            async with asyncio.timeout(DEADLINE_S):
                result = await attempt()
        except exc.TimeoutError:  # all connections are in use: the database itself may be well
            raise Unavailable("all database connections are in use") from None
        except (exc.IntegrityError, exc.DataError):
            raise
        except exc.ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != MISSING_TABLE:
                raise
            raise self._trouble(error) from error
        except (TimeoutError, *TROUBLE) as error:
            raise self._trouble(error) from error
        self.up = True
        return result

    def _trouble(self, error: Exception) -> Unavailable:
        self.up = False
        self._closed_until = self._clock() + PAUSE_S
        cause = getattr(error, "orig", None) or error
        log.error("database trouble", error=type(cause).__name__, detail=str(cause)[:200])
        return Unavailable("the database does not answer")
