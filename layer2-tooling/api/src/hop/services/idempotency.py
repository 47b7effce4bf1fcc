"""Making a link once, however often a client asks with the same key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from hop.domain.links import Link, Wish
from hop.errors import AliasTaken, KeyReused
from hop.services.ports import Links


async def make_once(links: Links, *, link: Link, key: str | None, wish: Wish) -> Link:
    """The link made now, or the one that the key made before."""
    if key is not None:
        mark = fingerprint(wish)
        kept = await links.claim_key(key, fingerprint=mark, answer=dump(link), now=link.created_at)
        if kept is not None:
            if kept[0] != mark:
                raise KeyReused("this Idempotency-Key came with another request")
            return load(kept[1])
    if not await links.add(link):
        raise AliasTaken("this alias is taken")  # and the key is free again, by the rollback
    return link


def dump(link: Link) -> str:
    """A link as it was answered, to be answered again."""
    return json.dumps(asdict(link), default=datetime.isoformat)


def load(text: str) -> Link:
    """The link that `dump` wrote."""
    fields = json.loads(text)
    times = {
        name: None if fields[name] is None else datetime.fromisoformat(fields[name])
        for name in ("created_at", "updated_at", "expires_at")
    }
    return Link(**{**fields, **times})


def fingerprint(wish: Wish) -> str:
    """Equal for equal wishes."""
    text = json.dumps(asdict(wish), default=datetime.isoformat, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
