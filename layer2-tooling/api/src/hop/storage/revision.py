"""Which schema the database has, and whether this release can work on it.

Without Alembic: importing it would be a tenth of the time that hop needs to start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hop.storage.database import lacks_table

VERSION = text("SELECT version_num FROM alembic_version")


@cache
def revisions() -> tuple[str, ...]:
    """All revisions this release knows, newest first; a migration's file name begins with it."""
    folder = Path(__file__).parent.parent / "migrations/versions"
    names = (path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py"))
    return tuple(sorted(names, reverse=True))


async def current(connection: AsyncConnection) -> str | None:
    """The revision that the database has."""
    try:
        found: str | None = await connection.scalar(VERSION)
    except exc.DBAPIError as error:
        if lacks_table(error):
            return None
        raise
    return found


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
