"""Where a slug leads: from memory, or with one query however many ask at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from hop.errors import LinkExpired, LinkNotFound, Unavailable
from hop.services.cache import Entry, LinkCache
from hop.services.ports import Store


class Redirects:
    """Looks slugs up.

    Attributes:
        hits: answered from memory.
        misses: answered by the database.
        stale: answered from memory because the database did not.
    """

    def __init__(
        self, store: Store, cache: LinkCache, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.hits = self.misses = self.stale = 0
        self._store, self._cache, self._clock = store, cache, clock
        self._flights: dict[str, asyncio.Future[Entry]] = {}

    def remembered(self, slug: str) -> bytes | None:
        """The target from memory; None when the database has to be asked.

        Raises:
            LinkNotFound: memory says so.
            LinkExpired: its time is over.
        """
        entry = self._cache.fresh(slug)
        if entry is None:
            return None
        self.hits += 1
        return self._location(entry)

    async def find(self, slug: str) -> bytes:
        """The target.

        Raises:
            LinkNotFound: no such link.
            LinkExpired: its time is over.
            Unavailable: the database does not answer and memory does not know the link.
        """
        flight = self._flights.get(slug)
        if flight is not None:
            return self._location(await asyncio.shield(flight))
        flight = asyncio.get_running_loop().create_future()
        self._flights[slug] = flight
        try:
            entry = await self._look_up(slug)
        except BaseException as error:
            # A client that went away cancels its own request, not those that wait with it.
            gone = isinstance(error, asyncio.CancelledError)
            flight.set_exception(Unavailable("the lookup was interrupted") if gone else error)
            flight.exception()  # nobody need be waiting
            raise
        else:
            flight.set_result(entry)
        finally:
            if self._flights.get(slug) is flight:
                del self._flights[slug]
        return self._location(entry)

    def changed(self, slug: str) -> None:
        """Forget what is known about a slug, and do not let newcomers join a query under way."""
        self._cache.drop(slug)
        self._flights.pop(slug, None)

    async def _look_up(self, slug: str) -> Entry:
        started = self._cache.started()
        try:
            link = await self._store.read(lambda links: links.get(slug))
        except Unavailable:
            entry = self._cache.stale(slug)
            if entry is None:
                raise
            self.stale += 1
            return entry
        self.misses += 1
        return self._cache.put(slug, link, started)

    def _location(self, entry: Entry) -> bytes:
        if entry.link is None:
            raise LinkNotFound("no such link")
        if self._clock() >= entry.ends_at:
            raise LinkExpired("this link has expired")
        return entry.location
