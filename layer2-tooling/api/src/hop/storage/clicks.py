"""Clicks by hour, as the ETL counted them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hop.errors import UnsafeError
from hop.storage.engine import insert_into
from hop.storage.tables import click_loads, clicks

CHUNK = 1000


def _upsert(connection: AsyncConnection, table: Any, keys: Sequence[str]) -> Any:
    statement = insert_into(connection, table)
    values = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=values)


async def load(
    connection: AsyncConnection, rows: Sequence[dict[str, Any]], *, as_of: datetime
) -> None:
    """Insert or replace rows (``hour slug clicks clients``), and note how new they are.

    Raises:
        UnsafeError: what is there is newer; these rows would put it back.
    """
    newest = (await connection.execute(select(click_loads.c.as_of))).scalar_one_or_none()
    if newest is not None and newest > as_of:
        raise UnsafeError(
            f"these clicks are as of {as_of.isoformat()}, older than what is loaded "
            f"({newest.isoformat()})"
        )
    statement = _upsert(connection, clicks, ("slug", "hour"))
    for start in range(0, len(rows), CHUNK):
        await connection.execute(statement, rows[start : start + CHUNK])
    await connection.execute(_upsert(connection, click_loads, ("id",)), {"id": 1, "as_of": as_of})
