"""Creating, changing and listing links."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hop.domain.links import Change, Keep, Link, Stats, Wish, check_expiry
from hop.domain.slugs import RESERVED, check_alias, new_slug
from hop.domain.targets import check_target
from hop.errors import AliasTaken, LinkNotFound, Unavailable
from hop.services.idempotency import make_once
from hop.services.paging import cursor_of, position
from hop.services.ports import Links, Store

DRAWS = 5


@dataclass(frozen=True, slots=True)
class Page:
    """Some links, newest first, and where the next page begins."""

    items: list[Link]
    next_cursor: str | None


class LinkService:
    """Decides; see `hop.domain` for the rules and `Store` for where links are kept.

    Args:
        store: where links are kept.
        changed: called with each slug after its write is committed.
        clock: the time in UTC.
        draw: makes a slug.
    """

    def __init__(
        self,
        store: Store,
        *,
        changed: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], str] = new_slug,
    ) -> None:
        self._store, self._changed, self._clock, self._draw = store, changed, clock, draw

    async def create(self, wish: Wish, *, own: Collection[str], key: str | None = None) -> Link:
        """Make a link. With the same idempotency ``key`` the same wish makes it once.

        Raises:
            InvalidLink: the wish breaks a rule.
            AliasTaken: somebody has that alias.
            KeyReused: the key came with another wish.
        """
        now = self._clock()
        target = check_target(wish.target, own=own)
        alias = None if wish.alias is None else check_alias(wish.alias)
        for _ in range(DRAWS):
            slug = alias or self._draw()
            if alias is None and slug.lower() in RESERVED:
                continue
            link = Link(slug, target, now, now, check_expiry(wish.expires_at, now=now))
            try:
                made = await self._store.write(partial(make_once, link=link, key=key, wish=wish))
            except AliasTaken:
                if alias is not None:
                    raise
                continue
            self._changed(made.slug)
            return made
        raise Unavailable("no free slug was drawn")

    async def get(self, slug: str) -> Link:
        """The link, expired or not.

        Raises:
            LinkNotFound: no such link.
        """
        return _found(await self._store.read(lambda links: links.get(slug)))

    async def change(self, slug: str, change: Change, *, own: Collection[str]) -> Link:
        """Set what ``change`` names.

        Raises:
            InvalidLink: the change breaks a rule.
            LinkNotFound: no such link.
        """
        now = self._clock()
        values: dict[str, Any] = {"updated_at": now}
        if not isinstance(change.target, Keep):
            values["target"] = check_target(change.target, own=own)
        if not isinstance(change.expires_at, Keep):
            values["expires_at"] = check_expiry(change.expires_at, now=now)
        link = _found(await self._store.write(lambda links: links.change(slug, values)))
        self._changed(slug)
        return link

    async def delete(self, slug: str) -> None:
        """Remove the link.

        Raises:
            LinkNotFound: no such link.
        """
        removed = await self._store.write(lambda links: links.remove(slug))
        self._changed(slug)
        if not removed:
            raise LinkNotFound("no such link")

    async def page(self, *, limit: int, cursor: str | None) -> Page:
        """One page; links made meanwhile neither repeat nor hide others.

        Raises:
            InvalidLink: the cursor is not one of ours.
        """
        before = None if cursor is None else position(cursor)
        items = await self._store.read(lambda links: links.page(limit=limit + 1, before=before))
        more = len(items) > limit
        return Page(items[:limit], cursor_of(items[limit - 1]) if more else None)

    async def stats(self, slug: str, *, hours: int) -> Stats:
        """Clicks on a link as the last load saw them.

        Raises:
            LinkNotFound: no such link.
        """

        async def work(links: Links) -> Stats:
            _found(await links.get(slug))
            return await links.stats(slug, hours=hours)

        return await self._store.read(work)


def _found(link: Link | None) -> Link:
    if link is None:
        raise LinkNotFound("no such link")
    return link
