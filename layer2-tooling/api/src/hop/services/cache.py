"""The links that were asked for last, in memory and bounded.

An entry is *fresh* for a few seconds: that bounds how long a replica serves what another
has changed. Stale entries stay until they are pushed out, for when the database is away.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from hop.domain.links import Link


class Entry:
    """One answer: a link, or None for "no such link"."""

    __slots__ = ("ends_at", "fresh_until", "link", "location")

    def __init__(self, link: Link | None, *, fresh_until: float) -> None:
        self.link = link
        self.fresh_until = fresh_until
        self.location = b"" if link is None else link.target.encode("ascii")
        expires = None if link is None else link.expires_at
        self.ends_at = float("inf") if expires is None else expires.timestamp()


class LinkCache:
    """Two bounded tables, so that made-up slugs cannot push out real links.

    Args:
        size: entries in each table.
        found_s: seconds for which a link is fresh.
        missing_s: seconds for which "no such link" is fresh.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        size: int,
        found_s: float,
        missing_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size = size
        self._found_s, self._missing_s = found_s, missing_s
        self._clock = clock
        self._found: OrderedDict[str, Entry] = OrderedDict()
        self._missing: OrderedDict[str, Entry] = OrderedDict()
        self._drops = 0

    def __len__(self) -> int:
        return len(self._found) + len(self._missing)

    def fresh(self, slug: str) -> Entry | None:
        """The entry, if it may be served without asking the database."""
        entry = self._found.get(slug) or self._missing.get(slug)
        if entry is None or entry.fresh_until <= self._clock():
            return None
        if entry.link is not None:
            self._found.move_to_end(slug)
        return entry

    def stale(self, slug: str) -> Entry | None:
        """The link, however old; never a miss, which may long be a link.

        It is fresh again for a moment, or each of its requests would wait for a database
        that is away.
        """
        entry = self._found.get(slug)
        if entry is not None:
            entry.fresh_until = self._clock() + self._missing_s
        return entry

    def started(self) -> tuple[float, int]:
        """Ask for this before reading the database, and hand it to `put`."""
        return self._clock(), self._drops

    def put(self, slug: str, link: Link | None, started: tuple[float, int]) -> Entry:
        """Keep what was read, unless a write has dropped something since `started`."""
        at, drops = started
        keep_s = self._missing_s if link is None else self._found_s
        # Counted from before the query: the row may change right after it was read.
        entry = Entry(link, fresh_until=at + keep_s)
        if drops != self._drops:
            return entry
        table, other = (
            (self._missing, self._found) if link is None else (self._found, self._missing)
        )
        other.pop(slug, None)
        table[slug] = entry
        table.move_to_end(slug)
        if len(table) > self._size:
            table.popitem(last=False)
        return entry

    def drop(self, slug: str) -> None:
        """Forget a slug that was written."""
        self._drops += 1
        self._found.pop(slug, None)
        self._missing.pop(slug, None)
