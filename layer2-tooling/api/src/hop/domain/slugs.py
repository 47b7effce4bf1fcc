"""Slugs: drawn at random, or chosen as an alias."""

from __future__ import annotations

import re
import secrets

from hop.errors import InvalidLink

# Without the look-alikes 0 O o, 1 I i l: a slug is read aloud and typed from paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz"
LENGTH = 7  # 55^7 = 1.5e12: after a million links one draw in 1.5 million collides
MAX_LENGTH = 64

SLUG = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{MAX_LENGTH - 1}}}", re.ASCII)
ALIAS = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{2,{MAX_LENGTH - 1}}}", re.ASCII)

# fmt: off
RESERVED = frozenset({
    "about", "account", "admin", "api", "apple-touch-icon", "app", "assets", "auth", "docs",
    "drain", "faults", "favicon", "graphql", "health", "healthz", "help", "home", "index",
    "login", "logout", "livez", "metrics", "openapi", "ping", "privacy", "readyz", "redoc",
    "register", "robots", "security", "settings", "signup", "sitemap", "static", "status",
    "support", "terms", "version", "well-known", "www",
})
# fmt: on


def new_slug() -> str:
    """A slug that cannot be guessed from its neighbours."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def check_alias(alias: str) -> str:
    """The alias itself.

    Raises:
        InvalidLink: its form is wrong, or the name is one of hop's own.
    """
    if not ALIAS.fullmatch(alias):
        raise InvalidLink(
            "alias",
            f"an alias has 3 to {MAX_LENGTH} letters (A-Z a-z), digits, _ or -, "
            "and begins with a letter or digit",
        )
    if alias.lower() in RESERVED:
        raise InvalidLink("alias", "this alias is reserved")
    return alias
