"""What the commands of ``hop`` do. Each imports late: ``hop --help`` needs no web framework."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hop import listening, logs, settings, start
from hop.errors import HopError, SettingsError, Unavailable
from hop.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def serve(chosen: Settings, *, port_file: Path | None) -> None:
    """Serve until a signal.

    Raises:
        HopError: it cannot start; says why and what to change.
    """
    with start.uncollected():
        from hop import server
        from hop.web.app import create_app

    settings.check_safe(chosen)
    logs.configure(chosen.log_level)
    with listening.listen(chosen.host, chosen.port) as listener:
        port = listener.getsockname()[1]
        service = create_app(chosen.model_copy(update={"port": port}))
        if port_file is not None:
            listening.write_port(port_file, port)
        where = f"http://{listening.shown(chosen.host)}:{port}"
        print(f"hop {chosen.release}: {where}", file=sys.stderr)
        print(f"access log: {chosen.log_file}", file=sys.stderr, flush=True)
        server.serve(service, listener)


async def migrate(chosen: Settings, *, to: str, wait_s: float) -> None:
    """Bring the schema to a revision and say so.

    Raises:
        HopError: the database is away or in use, has no such revision, or refused it.
    """
    from alembic.util import CommandError

    from hop.storage import schema

    async with _engine(chosen) as engine:
        try:
            before, after = await schema.migrate(engine, to=to, wait_s=wait_s)
        except CommandError as error:
            raise SettingsError(f"--to: {error}") from None
    print(f"schema {after or 'empty'}" + (", as it was" if before == after else ""))


async def load_clicks(chosen: Settings, path: Path, *, as_of: datetime | None) -> None:
    """Load a clicks file in one transaction.

    Raises:
        HopError: the file is wrong or old, or the database is away.
    """
    from hop.services import clicks as files
    from hop.storage import clicks

    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=UTC)
    found = files.read(path, as_of=as_of)
    async with _engine(chosen) as engine, engine.begin() as connection:
        await clicks.load(connection, found.rows, as_of=found.as_of)
    print(f"{len(found.rows)} rows loaded, as of {found.as_of.isoformat()}")


def openapi(out: Path | None) -> None:
    """Print the document that is committed as openapi.json, or write it."""
    from hop.web.openapi import document

    if out is None:
        sys.stdout.write(document())
    else:
        out.write_text(document(), encoding="utf-8")


@contextlib.asynccontextmanager
async def _engine(chosen: Settings) -> AsyncIterator[AsyncEngine]:
    from hop.storage.database import lacks_table, trouble
    from hop.storage.engine import make_engine
    from hop.storage.url import database_url

    engine = make_engine(database_url(chosen), pool=1, requests=False)
    try:
        yield engine
    except trouble() as error:
        if lacks_table(error):
            raise Unavailable("the database has no schema yet; run `hop migrate`") from None
        raise away(error) from None
    finally:
        await engine.dispose()


def away(error: Exception) -> HopError:
    """One line about a database that cannot be used."""
    from hop.storage.database import lacks_space

    cause = getattr(error, "orig", None) or error
    line = (str(cause).splitlines() or [type(cause).__name__])[0]
    if lacks_space(error):
        return Unavailable(f"the database takes nothing: {line}; free space there: df -h")
    return Unavailable(f"the database does not answer: {line}; check DATABASE_URL")
