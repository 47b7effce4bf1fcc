"""Bring the schema up to date."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, exc, text
from sqlalchemy.ext.asyncio import AsyncEngine

from hop.errors import MigrationError, Unavailable
from hop.storage.database import sqlstate
from hop.storage.revision import revisions

LOCK = 6_040_173  # any fixed number: hop's own advisory lock in PostgreSQL
# A statement that waits for a table makes all who come after it wait too, readers included. So it
# waits for less than hop's requests do (engine.SERVER), lets them pass, and tries again.
TABLE_LOCK_MS, PAUSE_S, WAIT_S = 300, 1.0, 60.0
NO_LOCK = "55P03"
AWAY = ("08", "53", "57", "58")  # connection, resources, operator, system: not the migration


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file to keep in step."""
    settings = Config()
    folder = str(Path(__file__).parent.parent / "migrations")
    settings.set_main_option("script_location", folder.replace("%", "%%"))  # it interpolates
    settings.attributes["connection"] = connection
    return settings


def current(connection: Connection) -> str | None:
    """The revision that the database has."""
    return MigrationContext.configure(connection).get_current_revision()


async def migrate(
    engine: AsyncEngine, *, to: str = "head", wait_s: float = WAIT_S
) -> tuple[str | None, str | None]:
    """Bring the schema up (or down, to "base" or an older revision), all of it or nothing.

    Replicas may do this at the same time: the second waits and then finds nothing to do.

    Args:
        engine: reaches the database.
        to: a revision.
        wait_s: how long to try for a table that others use.

    Returns:
        The revisions before and after.

    Raises:
        MigrationError: the database refused a statement.
        Unavailable: others used a table all that time.
    """
    limit = time.monotonic() + wait_s
    while True:
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(partial(_run, to=to, wait_s=wait_s))
        except exc.DBAPIError as error:
            state, cause = sqlstate(error), _words(error)
            if state and state != NO_LOCK and not state.startswith(AWAY):
                raise MigrationError(f"{cause}; rolled back, nothing was changed") from error
            if state != NO_LOCK:
                raise
            if time.monotonic() > limit:
                why = f"others used a table for {wait_s:.0f} s; rolled back, nothing was changed"
                raise Unavailable(f"{why}: {cause}") from error
        await asyncio.sleep(PAUSE_S)


def _run(connection: Connection, *, to: str, wait_s: float) -> tuple[str | None, str | None]:
    if connection.dialect.name == "postgresql":
        _limit(connection, wait_s * 1000)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        _limit(connection, TABLE_LOCK_MS)
    before, known = current(connection), revisions()
    if to == "base" or (before in known and to in known and known.index(to) > known.index(before)):
        command.downgrade(config(connection), to)
    elif before is None or before in known:
        command.upgrade(config(connection), to)
    return before, current(connection)


def _words(error: exc.DBAPIError) -> str:
    # SQLAlchemy puts the class in front of what the driver said.
    return str(getattr(error.orig, "__cause__", None) or error.orig).partition("\n")[0]


def _limit(connection: Connection, milliseconds: float) -> None:
    """How long a statement of this transaction waits for a lock."""
    connection.execute(text(f"SET LOCAL lock_timeout = {max(1, round(milliseconds))}"))
