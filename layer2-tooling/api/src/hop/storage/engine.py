"""Engines for the two databases, and how patient to be with each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait for a connection of the pool, and for an answer; writers at a time.

    Few writers leave connections to redirects; SQLite has one writer in any case, and
    waiting in line is cheaper than asking it again and again. A server's whole pool is open
    before requests come: a name, a network or a log-in may be slow, a file is opened at once.
    """

    pool_s: float
    deadline_s: float
    writers: int
    opens_all: bool


# A server may be away: its callers get their 503 within a second. A file is not away, only
# busy when the machine is; refusing would then fail what waiting a little completes.
SERVER = Limits(pool_s=0.5, deadline_s=0.8, writers=4, opens_all=True)
FILE = Limits(pool_s=5.0, deadline_s=6.0, writers=1, opens_all=False)
COMMAND_S = 600.0  # a migration is no request: it may scan a table
FILE_LOCK_MS = 4000  # for a lock that another process holds, such as `hop load-clicks`


def limits_of(engine: AsyncEngine) -> Limits:
    """How patient to be."""
    return FILE if engine.dialect.name == "sqlite" else SERVER


def make_engine(url: URL, *, pool: int, requests: bool = True) -> AsyncEngine:
    """An engine for `url`.

    Args:
        pool: connections at most.
        requests: somebody waits for each answer; no one does for a command's.
    """
    sqlite = url.get_backend_name() == "sqlite"
    limits = FILE if sqlite else SERVER
    options: dict[str, Any] = {}
    if not sqlite:
        answer_s = limits.deadline_s if requests else COMMAND_S
        options = {"timeout": limits.deadline_s, "command_timeout": answer_s}
    engine = create_async_engine(
        url, pool_size=pool, max_overflow=0, pool_timeout=limits.pool_s, connect_args=options
    )
    if sqlite:
        _prepare_sqlite(engine)
    return engine


def insert_into(connection: AsyncConnection, table: Any) -> Any:
    """The INSERT of the connection's dialect, with ON CONFLICT; the other is not imported."""
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # hop begins its transactions itself, see below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={FILE_LOCK_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that turns from reading to writing fails without waiting.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
