"""Cursors: a position in the list, as text that clients hand back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from hop.domain.links import Link
from hop.errors import InvalidLink


def cursor_of(link: Link) -> str:
    """The position of a link: newest first, then by slug."""
    text = f"{link.created_at.isoformat()} {link.slug}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(cursor: str) -> tuple[datetime, str]:
    """Where the page before ended.

    Raises:
        InvalidLink: the cursor is not one of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        at, slug = text.split(" ")
        created = datetime.fromisoformat(at)
        if created.tzinfo is None:
            raise ValueError("a cursor names its time zone")
        return created.astimezone(UTC), slug
    except (ValueError, OverflowError):
        raise InvalidLink("cursor", "cursor is not one that this service gave") from None
