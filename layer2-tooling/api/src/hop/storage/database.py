"""One database, two ways in: single reads without a transaction, and transactions.

Trouble becomes `Unavailable` in time to be answered. The pool bounds how many wait for
a database that hangs; whoever finds it empty is refused sooner.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import structlog
from opentelemetry.trace import Tracer
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from hop.errors import Unavailable
from hop.storage.engine import limits_of
from hop.storage.spans import query_spans, untraced

CLOSE_S = 2.0
SLICES = 4
LINE_S = 5.0  # a writer's patience while the database answers others
# PostgreSQL's codes for an undefined table, a full disk and no room for another connection.
MISSING_TABLE, DISK_FULL, NO_ROOM = "42P01", "53100", "53300"

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
OURS = (exc.IntegrityError, exc.DataError, exc.ProgrammingError)  # bugs, not trouble
log = structlog.get_logger("hop.database")


class Database:
    """Runs work on connections; see the module for what happens in trouble.

    Args:
        engine: where connections come from.
        tracer: records the queries of requests that are traced.

    Attributes:
        up: whether the database answered when it was last asked.
    """

    def __init__(self, engine: AsyncEngine, *, tracer: Tracer | None = None) -> None:
        self.engine = engine
        self.up = False
        self._limits = limits_of(engine)
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writers = asyncio.Semaphore(self._limits.writers)
        self._failures = 0
        self._follow = query_spans(engine, tracer) if tracer is not None else untraced

    async def read(self, work: Work[T]) -> T:
        """The answer of one read; a connection that died in the pool is tried once more.

        Raises:
            Unavailable: no answer in time.
        """

        async def attempt() -> T:
            try:
                return await self._once(work)
            except exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return await self._once(work)

        return await self._guarded(attempt)

    async def write(self, work: Work[T]) -> T:
        """The answer of one transaction, committed.

        Raises:
            Unavailable: no answer in time; the transaction may or may not have happened.
        """

        async def attempt() -> T:
            async with self.engine.begin() as connection:
                self._follow(connection)
                return await work(connection)

        failures = self._failures
        try:
            async with asyncio.timeout(LINE_S):
                await self._writers.acquire()
        except TimeoutError:
            raise Unavailable("too many writes at once") from None
        try:
            # Who stood in line while the database went away need not find out alone.
            if failures != self._failures and not self.up:
                raise Unavailable("the database does not answer")
            return await self._guarded(attempt)
        finally:
            self._writers.release()

    async def ping(self) -> None:
        """Ask for nothing.

        Raises:
            Unavailable: no answer in time.
        """
        await self._guarded(lambda: self._once(lambda c: c.execute(text("SELECT 1"))))

    async def warm_up(self) -> None:
        """Open the connections that requests would have to wait for; those open already stay.

        Raises:
            Unavailable: no answer in time.
        """
        wanted = cast(QueuePool, self.engine.pool).size() if self._limits.opens_all else 1
        # One after the other: the next attempt goes on where this one failed.
        async with contextlib.AsyncExitStack() as held:
            for opened in range(wanted):
                try:
                    await self._guarded(lambda: held.enter_async_context(self._reader.connect()))
                except Unavailable as error:
                    if not opened or sqlstate(error.__cause__) != NO_ROOM:
                        raise
                    # It answers, and what it gave will do.
                    log.warning("database has no room for the pool", opened=opened, wanted=wanted)
                    self.up = True
                    return

    async def close(self) -> None:
        """Close the pool; a database that hangs does not hold us up."""
        with contextlib.suppress(*trouble()):
            async with asyncio.timeout(CLOSE_S):
                await self.engine.dispose()

    async def _once(self, work: Work[T]) -> T:
        async with self._reader.connect() as connection:
            self._follow(connection)
            return await work(connection)

    async def _guarded(self, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            answer = await in_time(attempt(), self._limits.deadline_s)
        except exc.TimeoutError:  # the pool is empty: the database itself may be well
            raise Unavailable("all database connections are in use") from None
        except trouble() as error:
            if isinstance(error, OURS) and not lacks_table(error):
                raise
            if lacks_space(error):  # it answers, and reads go on
                log.error("database is full", detail=str(getattr(error, "orig", error))[:200])
                raise Unavailable("the database has no space left", retry_after_s=60) from error
            self.up = False
            self._failures += 1
            cause = getattr(error, "orig", None) or error
            log.error("database trouble", error=type(cause).__name__, detail=str(cause)[:200])
            raise Unavailable("the database does not answer") from error
        self.up = True
        return answer


def trouble() -> tuple[type[Exception], ...]:
    """What a database that cannot be used raises; the driver's own when it is there.

    It is not imported for this: a hop on SQLite would start later by all that asyncpg is.
    """
    found = (exc.DBAPIError, exc.TimeoutError, OSError)
    driver = sys.modules.get("asyncpg")
    return found if driver is None else (*found, driver.PostgresError, driver.InterfaceError)


def sqlstate(error: BaseException | None) -> str:
    """PostgreSQL's code for what went wrong; empty where it gave none."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def lacks_table(error: Exception) -> bool:
    """Whether the schema is not there yet, in either database's words."""
    return sqlstate(error) == MISSING_TABLE or "no such table" in str(getattr(error, "orig", None))


def lacks_space(error: Exception) -> bool:
    """Whether the database's disk is full, in either database's words."""
    return sqlstate(error) == DISK_FULL or "disk is full" in str(getattr(error, "orig", None))


async def in_time(work: Awaitable[T], limit_s: float) -> T:
    """The result of ``work``, or TimeoutError after ``limit_s``, whatever ``work`` does.

    ``asyncio.timeout`` would wait until the cancelled work has cleaned up: closing a
    connection to a server that hangs takes seconds.
    """
    task = asyncio.ensure_future(work)
    try:
        # In slices: a machine that stood still for a while has used up one, not the server's time.
        for _ in range(SLICES):
            if (await asyncio.wait({task}, timeout=limit_s / SLICES))[0]:
                return task.result()
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task}, timeout=CLOSE_S)  # it gives its connection back
        raise
    # A loop that was held up sees the timer before the answer that has long been there.
    for _ in range(3):
        await asyncio.sleep(0)
    if task.done():
        return task.result()
    task.cancel()
    task.add_done_callback(_forget)
    raise TimeoutError


def _forget(task: asyncio.Future[T]) -> None:
    if not task.cancelled():
        task.exception()
