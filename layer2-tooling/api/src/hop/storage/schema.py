"""The schema's revision: bring it up to date, and say whether it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

LOCK = 6_040_173  # any fixed number: hop's own advisory lock in PostgreSQL


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file to keep in step."""
    settings = Config()
    folder = str(Path(__file__).parent.parent / "migrations")
    settings.set_main_option("script_location", folder.replace("%", "%%"))  # it interpolates
    settings.attributes["connection"] = connection
    return settings


@cache
def revisions() -> tuple[str, ...]:
    """All revisions this release knows, newest first."""
    scripts = ScriptDirectory.from_config(config())
    return tuple(script.revision for script in scripts.walk_revisions())


def current(connection: Connection) -> str | None:
    """The revision that the database has."""
    return MigrationContext.configure(connection).get_current_revision()


def complaint(revision: str | None) -> str | None:
    """Why this release cannot work on that revision, or None.

    A revision that is not known here comes from a newer release; migrations keep the
    release before them working, or a blue-green switch could not go back.
    """
    known = revisions()
    if revision is None:
        return "the database has no schema; run `hop migrate`"
    if revision in known[1:]:
        return f"the schema is at {revision}, this release wants {known[0]}; run `hop migrate`"
    return None


async def migrate(engine: AsyncEngine, *, to: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema up (or down, to "base" or an older revision).

    Replicas may do this at the same time: the second waits and then finds nothing to do.

    Returns:
        The revisions before and after.
    """

    def run(connection: Connection) -> tuple[str | None, str | None]:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        before = current(connection)
        known = revisions()
        if to == "base" or (
            before in known and to in known and known.index(to) > known.index(before)
        ):
            command.downgrade(config(connection), to)
        elif before is None or before in known:
            command.upgrade(config(connection), to)
        return before, current(connection)

    async with engine.begin() as connection:
        return await connection.run_sync(run)
