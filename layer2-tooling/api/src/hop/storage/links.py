"""Links in SQL. Statements are built once, so that they are compiled and prepared once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hop.domain.links import HourClicks, Link, Stats
from hop.storage.database import Database
from hop.storage.engine import insert_into
from hop.storage.tables import click_loads, clicks, idempotency_keys, links

T = TypeVar("T")
KEY_LIFETIME = timedelta(hours=24)
ONE = select(links).where(links.c.slug == bindparam("slug"))
PAGE = select(links).order_by(links.c.created_at.desc(), links.c.slug.desc())


def insert_or_nothing(connection: AsyncConnection, table: Any) -> Any:
    """INSERT that skips rows which are there."""
    return insert_into(connection, table).on_conflict_do_nothing()


def _link(row: Row[Any]) -> Link:
    return Link(**row._mapping)


class SqlLinks:
    """Links on one connection; see `hop.services.ports.Links`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, slug: str) -> Link | None:
        """The link, or None."""
        row = (await self._connection.execute(ONE, {"slug": slug})).one_or_none()
        return None if row is None else _link(row)

    async def add(self, link: Link) -> bool:
        """Store the link; False when the slug is taken."""
        result = await self._connection.execute(
            insert_or_nothing(self._connection, links),
            {
                "slug": link.slug,
                "target": link.target,
                "created_at": link.created_at,
                "updated_at": link.updated_at,
                "expires_at": link.expires_at,
            },
        )
        return result.rowcount == 1

    async def change(self, slug: str, values: dict[str, Any]) -> Link | None:
        """Set columns of one link; None when it is not there."""
        statement = update(links).where(links.c.slug == slug).values(**values).returning(links)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _link(row)

    async def remove(self, slug: str) -> bool:
        """Delete one link; False when it is not there."""
        result = await self._connection.execute(delete(links).where(links.c.slug == slug))
        return result.rowcount == 1

    async def page(self, *, limit: int, before: tuple[datetime, str] | None) -> list[Link]:
        """At most `limit` links, newest first, that come after the position `before`."""
        statement = PAGE.limit(limit)
        if before is not None:
            statement = statement.where(tuple_(links.c.created_at, links.c.slug) < before)
        return [_link(row) for row in await self._connection.execute(statement)]

    async def claim_key(
        self, key: str, *, fingerprint: str, answer: str, now: datetime
    ) -> tuple[str, str] | None:
        """None when the key was free and is now ours; else fingerprint and answer kept with it.

        On PostgreSQL the INSERT waits for another transaction that claims the same key.
        """
        await self._connection.execute(
            delete(idempotency_keys).where(idempotency_keys.c.created_at < now - KEY_LIFETIME)
        )
        row = {"key": key, "fingerprint": fingerprint, "answer": answer, "created_at": now}
        result = await self._connection.execute(
            insert_or_nothing(self._connection, idempotency_keys), row
        )
        if result.rowcount == 1:
            return None
        kept = select(idempotency_keys.c.fingerprint, idempotency_keys.c.answer)
        found = (await self._connection.execute(kept.where(idempotency_keys.c.key == key))).one()
        return found.fingerprint, found.answer

    async def stats(self, slug: str, *, hours: int) -> Stats:
        """Clicks on `slug`: the total, and the newest `hours` hours that had any."""
        as_of = (await self._connection.execute(select(click_loads.c.as_of))).scalar_one_or_none()
        mine = clicks.c.slug == slug
        total = (
            await self._connection.execute(select(func.sum(clicks.c.clicks)).where(mine))
        ).scalar_one()
        newest = select(clicks.c.hour, clicks.c.clicks, clicks.c.clients).where(mine)
        rows = await self._connection.execute(newest.order_by(clicks.c.hour.desc()).limit(hours))
        return Stats(slug, as_of, int(total or 0), tuple(HourClicks(*row) for row in rows))


class SqlStore:
    """See `hop.services.ports.Store`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, work: Callable[[SqlLinks], Awaitable[T]]) -> T:
        """Read without a transaction."""
        return await self._database.read(lambda connection: work(SqlLinks(connection)))

    async def write(self, work: Callable[[SqlLinks], Awaitable[T]]) -> T:
        """Read and write in one transaction."""
        return await self._database.write(lambda connection: work(SqlLinks(connection)))
