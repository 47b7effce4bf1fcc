"""The command ``hop``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hop import __version__, commands, settings
from hop.errors import HopError
from hop.settings import Settings

EXITS = (
    "exit codes: 0 ok, 1 failed, 2 usage or setting, 75 busy or database away, "
    "77 refused as unsafe, 130/143 stopped by a signal"
)
DAY_S = 86_400.0
EXTRA = "\n".join(
    (
        f"  {'HOP_SECRETS':20} Folder of files with settings, such as hop_token.",
        f"  {'OTEL_*':20} Exporter and sampler of traces.",
    )
)


def seconds(text: str) -> float:
    """A time to wait, at most a day."""
    value = float(text)
    if not 0 <= value <= DAY_S:
        raise ValueError
    return value


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="hop", description="A link shortener.", epilog=EXITS)
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    migrate = verbs.add_parser("migrate", help="bring the database's schema up to date")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="revision, head or base")
    migrate.add_argument(
        "--wait",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to try for a table that others use (default 60)",
    )

    names = "\n".join(
        f"  {settings.variable(name):20} {field.description}"
        for name, field in Settings.model_fields.items()
    )
    serve = verbs.add_parser(
        "serve",
        help="serve HTTP in the foreground",
        epilog=f"settings:\n{names}\n{EXTRA}\n\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--host", help="address to listen on (HOP_HOST)")
    serve.add_argument("--port", type=int, help="port, 0 for a free one (HOP_PORT)")
    serve.add_argument("--port-file", type=Path, help="write the port here once it is bound")

    load = verbs.add_parser("load-clicks", help="load the ETL's clicks.jsonl into the database")
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--as-of", type=datetime.fromisoformat, help="time up to which they count")

    document = verbs.add_parser("openapi", help="print the OpenAPI document")
    document.add_argument("--out", type=Path, help="write it to a file")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        run(options)
        sys.stdout.flush()
    except HopError as error:
        print(f"hop: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def run(options: argparse.Namespace) -> None:
    """Do what was asked.

    Raises:
        HopError: it cannot be done; says why and what to change.
    """
    if options.command == "serve":
        chosen = settings.load(host=options.host, port=options.port)
        commands.serve(chosen, port_file=options.port_file)
    elif options.command == "migrate":
        asyncio.run(commands.migrate(settings.load(), to=options.to, wait_s=options.wait))
    elif options.command == "load-clicks":
        asyncio.run(commands.load_clicks(settings.load(), options.file, as_of=options.as_of))
    else:
        commands.openapi(options.out)
