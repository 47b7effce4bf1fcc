"""A link, and the wish for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hop.errors import InvalidLink


class Keep:
    """The type of `KEEP`."""


KEEP: Final = Keep()  # a change that leaves a field alone; None already means "no expiry"


@dataclass(frozen=True, slots=True)
class Link:
    """A short name for a target. Times are UTC."""

    slug: str
    target: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; ``alias=None`` leaves the slug to hop."""

    target: str
    alias: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a PATCH asks for."""

    target: str | Keep = KEEP
    expires_at: datetime | Keep | None = KEEP


def check_expiry(expires_at: datetime | None, *, now: datetime) -> datetime | None:
    """The expiry in UTC.

    Raises:
        InvalidLink: it has no time zone, or is not in the future.
    """
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise InvalidLink("expires_at", "expires_at needs a time zone, for example Z")
    try:
        at = expires_at.astimezone(UTC)
    except OverflowError:
        raise InvalidLink("expires_at", "expires_at lies outside the years 1 to 9999") from None
    if at <= now:
        raise InvalidLink("expires_at", "expires_at must lie in the future")
    return at


@dataclass(frozen=True, slots=True)
class HourClicks:
    """Clicks in one hour (UTC); ``clients`` are distinct within that hour only."""

    hour: datetime
    clicks: int
    clients: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Clicks on a link as the last ETL run saw them.

    ``as_of`` is None when clicks were never loaded: unknown, not zero.
    """

    slug: str
    as_of: datetime | None
    clicks: int
    hours: tuple[HourClicks, ...]
