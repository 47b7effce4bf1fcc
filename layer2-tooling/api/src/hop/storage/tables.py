"""The tables. Migrations create them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time in both databases; SQLite alone would lose the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or value.tzinfo is not None:
            return value  # type: ignore[no-any-return]
        return value.replace(tzinfo=UTC)  # type: ignore[no-any-return]


metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)

links = Table(
    "links",
    metadata,
    Column("slug", String(64), primary_key=True),
    Column("target", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
)
Index(None, links.c.created_at, links.c.slug)  # the order of the list, for keyset pagination

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

clicks = Table(
    "clicks",
    metadata,
    Column("slug", String(64), primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),
    Column("clicks", BigInteger, nullable=False),
    Column("clients", BigInteger, nullable=False),
)

click_loads = Table(
    "click_loads",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("as_of", UtcDateTime, nullable=False),
)
