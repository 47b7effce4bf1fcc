"""What the visitors bring: agents, referers, targets, and things a service must refuse."""

from __future__ import annotations

import json
from itertools import accumulate

# Agents with a weight; quotes and a backslash are in it because real ones have them.
AGENTS = (
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", 30),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", 30),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", 25),
    ("curl/8.14.1", 6),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", 5),
    ('odd "agent" with a \\ in it', 2),
    ("", 2),
)
REFERERS = (
    ("", 50),
    ("https://news.example/today", 25),
    ("https://social.example/p/1?x=%22quoted%22", 15),
    ("https://example.com/a,b;c", 10),
)
UNMATCHED_PATHS = (
    "/wp-admin/setup.php",
    "/a/b",
    "/cgi-bin/test",
    "/.git/config",
    "/api/v1/nothing",
)
TOPICS = ("news", "docs", "shop", "blog", "talks")


# Summed once: a plan draws from both for each request.
AGENT_WEIGHTS = tuple(accumulate(weight for _, weight in AGENTS))
REFERER_WEIGHTS = tuple(accumulate(weight for _, weight in REFERERS))


def address(number: int) -> str:
    """The address that link ``number`` leads to."""
    return f"https://example.com/{TOPICS[number % len(TOPICS)]}/{number}?from=hop&n={number}"


def _link(target: object, **more: object) -> bytes:
    return json.dumps({"target": target, **more}).encode()


# Each is refused for a reason of its own: syntax, missing field, type, scheme, credentials, alias.
BAD_BODIES = (
    b'{"target": "https://example.com/cut',
    b"{}",
    _link(17),
    _link("ftp://example.com/file"),
    _link("javascript:alert(1)"),
    _link("https://user:secret@example.com/"),
    _link("not a url"),
    _link("https://example.com/", alias="metrics"),
    _link("https://example.com/", alias="a/b"),
)


def create_body(number: int, alias: str | None) -> bytes:
    """The body of a request that makes link ``number``."""
    return _link(address(number)) if alias is None else _link(address(number), alias=alias)
