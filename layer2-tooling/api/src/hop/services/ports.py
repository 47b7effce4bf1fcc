"""What the services need from storage; `hop.storage` provides it, tests fake it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from hop.domain.links import Link, Stats

T = TypeVar("T")


class Links(Protocol):
    """Links within one connection or transaction."""

    async def get(self, slug: str) -> Link | None:
        """The link, or None."""

    async def add(self, link: Link) -> bool:
        """Store it; False when the slug is taken."""

    async def change(self, slug: str, values: dict[str, Any]) -> Link | None:
        """Set fields; None when it is not there."""

    async def remove(self, slug: str) -> bool:
        """Delete it; False when it is not there."""

    async def page(self, *, limit: int, before: tuple[datetime, str] | None) -> list[Link]:
        """At most `limit` links, newest first, after the position `before`."""

    async def claim_key(
        self, key: str, *, fingerprint: str, answer: str, now: datetime
    ) -> tuple[str, str] | None:
        """None when the key is now ours; else the fingerprint and answer kept with it."""

    async def stats(self, slug: str, *, hours: int) -> Stats:
        """Clicks, and the newest hours that had any."""


class Store(Protocol):
    """Ways to reach the links.

    Both raise `hop.errors.Unavailable` when the database does not answer in time.
    """

    async def read(self, work: Callable[[Links], Awaitable[T]]) -> T:
        """Read without a transaction."""

    async def write(self, work: Callable[[Links], Awaitable[T]]) -> T:
        """Read and write in one transaction, committed unless `work` raises."""
