"""The command ``hop``."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hop import __version__, logs, portowner, settings
from hop.errors import BusyError, HopError, SettingsError
from hop.services import clicks as click_files
from hop.settings import Settings

EXITS = (
    "exit codes: 0 ok, 1 failed, 2 usage or setting, 75 busy or database away, "
    "77 refused as unsafe, 130/143 stopped by a signal"
)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="hop", description="A link shortener.", epilog=EXITS)
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    migrate = commands.add_parser("migrate", help="bring the database's schema up to date")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="revision, head or base")

    names = "\n".join(
        f"  {settings.variable(name):20} {field.description}"
        for name, field in Settings.model_fields.items()
    )
    serve = commands.add_parser(
        "serve",
        help="serve HTTP in the foreground",
        epilog=f"settings:\n{names}\n  {'OTEL_*':20} Exporter and sampler of traces.\n\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--host", help="address to listen on (HOP_HOST)")
    serve.add_argument("--port", type=int, help="port, 0 for a free one (HOP_PORT)")
    serve.add_argument("--port-file", type=Path, help="write the port here once it is bound")

    load = commands.add_parser("load-clicks", help="load the ETL's clicks.jsonl into the database")
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--as-of", type=datetime.fromisoformat, help="time up to which they count")

    document = commands.add_parser("openapi", help="print the OpenAPI document")
    document.add_argument("--out", type=Path, help="write it to a file")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "serve":
            run_server(settings.load(host=options.host, port=options.port), options.port_file)
        elif options.command == "migrate":
            asyncio.run(migrate(settings.load(), to=options.to))
        elif options.command == "load-clicks":
            asyncio.run(load_clicks(settings.load(), options.file, options.as_of))
        else:
            openapi(options.out)
    except HopError as error:
        print(f"hop: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def run_server(chosen: Settings, port_file: Path | None) -> None:
    """Serve until a signal.

    Raises:
        HopError: it cannot start; says why and what to change.
    """
    from hop import server  # here, so that `hop --help` need not load a web framework
    from hop.web.app import create_app

    settings.check_safe(chosen)
    logs.configure(chosen.log_level)
    listener = bind(server.listen, chosen)
    with listener:
        port = listener.getsockname()[1]
        service = create_app(chosen.model_copy(update={"port": port}))
        if port_file is not None:
            write_port(port_file, port)
        print(f"hop {chosen.release}: http://{address(chosen.host)}:{port}", file=sys.stderr)
        print(f"access log: {chosen.log_file}", file=sys.stderr, flush=True)
        server.serve(service, listener)


def bind(listen, chosen: Settings) -> socket.socket:  # type: ignore[no-untyped-def]
    """The listening socket.

    Raises:
        BusyError: another process has the port.
        SettingsError: the address is not this machine's, or needs more rights.
    """
    where = f"{chosen.host} port {chosen.port}"
    try:
        return listen(chosen.host, chosen.port)  # type: ignore[no-any-return]
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            who = portowner.owner(chosen.port)
            by = f" by {who}" if who else ""
            message = f"{where} is in use{by}; set HOP_PORT or --port to another"
            raise BusyError(message) from None
        message = f"cannot listen on {where}: {error.strerror}; set HOP_HOST and HOP_PORT"
        raise SettingsError(message) from None


def write_port(path: Path, port: int) -> None:
    """Write the port in one step, so that a waiting reader never sees half of it.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(f"{port}\n")
        new.replace(path)
    except OSError as error:
        raise SettingsError(f"--port-file: cannot write {path}: {error.strerror}") from None


def address(host: str) -> str:
    """The host as in a URL."""
    return f"[{host}]" if ":" in host else host


async def migrate(chosen: Settings, *, to: str) -> None:
    """Bring the schema to a revision and say so.

    Raises:
        HopError: the database is away, or has no such revision.
    """
    from alembic.util import CommandError

    from hop.storage import schema
    from hop.storage.database import TROUBLE
    from hop.storage.engine import make_engine
    from hop.storage.url import database_url

    engine = make_engine(database_url(chosen), pool=1)
    try:
        before, after = await schema.migrate(engine, to=to)
    except CommandError as error:
        raise SettingsError(f"--to: {error}") from None
    except TROUBLE as error:
        raise _away(error) from None
    finally:
        await engine.dispose()
    print(f"schema {after or 'empty'}" + (", as it was" if before == after else ""))


async def load_clicks(chosen: Settings, path: Path, as_of: datetime | None) -> None:
    """Load a clicks file in one transaction.

    Raises:
        HopError: the file is wrong or old, or the database is away.
    """
    from hop.storage import clicks
    from hop.storage.database import TROUBLE
    from hop.storage.engine import make_engine
    from hop.storage.url import database_url

    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=UTC)
    found = click_files.read(path, as_of=as_of)
    engine = make_engine(database_url(chosen), pool=1)
    try:
        async with engine.begin() as connection:
            await clicks.load(connection, found.rows, as_of=found.as_of)
    except TROUBLE as error:
        raise _away(error) from None
    finally:
        await engine.dispose()
    print(f"{len(found.rows)} rows loaded, as of {found.as_of.isoformat()}")


def _away(error: Exception) -> HopError:
    from hop.errors import Unavailable

    cause = str(getattr(error, "orig", None) or error).splitlines()[0:1]
    return Unavailable(f"the database does not answer: {''.join(cause)}; check DATABASE_URL")


def openapi(out: Path | None) -> None:
    """Print the document that is committed as openapi.json, or write it."""
    from hop.web.openapi import document

    if out is None:
        sys.stdout.write(document())
    else:
        out.write_text(document(), encoding="utf-8")
