"""The words that planning, sending and the truth share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SLUG = "{slug}"  # stands in a path until the link has been made and its slug is known


class Kind(StrEnum):
    """What a request is for."""

    CREATE = "create"
    REDIRECT = "redirect"
    HEAD = "head"
    MISSING = "missing"
    UNMATCHED = "unmatched"
    BAD = "bad"
    STATS = "stats"
    READ = "read"
    LIST = "list"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of request looks, and which statuses a healthy hop may answer."""

    method: str
    route: str
    expect: frozenset[int]


# A taken alias (409) is no surprise: the same seed may run twice against one database.
SHAPES = {
    Kind.CREATE: Shape("POST", "/api/v1/links", frozenset({200, 201, 409})),
    Kind.REDIRECT: Shape("GET", "/{slug}", frozenset({307})),
    Kind.HEAD: Shape("HEAD", "/{slug}", frozenset({307})),
    Kind.MISSING: Shape("GET", "/{slug}", frozenset({404})),
    Kind.UNMATCHED: Shape("GET", "unmatched", frozenset({404})),
    Kind.BAD: Shape("POST", "/api/v1/links", frozenset({400, 409, 422})),
    Kind.STATS: Shape("GET", "/api/v1/links/{slug}/stats", frozenset({200})),
    Kind.READ: Shape("GET", "/api/v1/links/{slug}", frozenset({200})),
    Kind.LIST: Shape("GET", "/api/v1/links", frozenset({200})),
    Kind.PROBE: Shape("GET", "/healthz", frozenset({200})),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that one request asks hop for: a status, or a delay in milliseconds."""

    status: int | None = None
    delay_ms: int | None = None

    @property
    def header(self) -> str:
        """The value of the ``Hop-Fault`` request header."""
        return f"delay={self.delay_ms}" if self.status is None else f"status={self.status}"


@dataclass(frozen=True, slots=True)
class Planned:
    """One request to send, ``at`` seconds after the start.

    ``link`` numbers the link that the request makes (a create) or asks for; ``path``
    then holds ``{slug}``, which only the answer to the create can fill.
    """

    at: float
    kind: Kind
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None
    link: int | None = None
    fault: Fault | None = None

    @property
    def shape(self) -> Shape:
        """Method, route and expected statuses."""
        return SHAPES[self.kind]

    @property
    def makes(self) -> int | None:
        """The number of the link that this request makes, if it does."""
        return self.link if self.kind is Kind.CREATE else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request.

    ``status`` is None when no answer came: ``sent`` then says whether hop may have
    seen it. Times are seconds since the epoch, as the client saw them.
    """

    planned: Planned
    began: float
    ended: float
    status: int | None = None
    slug: str | None = None
    sent: bool = True
    error: str = ""
