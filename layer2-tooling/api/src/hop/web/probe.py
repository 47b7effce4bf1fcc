"""A look at the database now and then: ready after the first, and a metric from then on."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from hop.errors import Unavailable
from hop.storage import revision
from hop.web.state import Hop

PROBE_S = 5.0
FIRST_PROBE_S = 0.5
log = structlog.get_logger("hop")


async def watch_database(parts: Hop, stop: asyncio.Event) -> None:
    """Look at the database until ``stop``."""
    while not stop.is_set():
        try:
            if parts.not_ready:
                found = await parts.database.read(revision.current)
                await parts.database.warm_up()
                parts.not_ready = revision.complaint(found)
                if parts.not_ready:
                    log.error("not ready", reason=parts.not_ready)
            else:
                await parts.database.ping()
        except Unavailable as error:
            log.warning("database does not answer", error=str(error))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_PROBE_S if parts.not_ready else PROBE_S):
                await stop.wait()
