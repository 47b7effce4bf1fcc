"""``/api/v1/links``.

Paths stand in full: behind a router's prefix the route that telemetry sees has the short
path, and the log would name a template that does not exist.
"""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hop.domain.slugs import MAX_LENGTH
from hop.web import schemas
from hop.web.problems import described
from hop.web.state import Hop, key_of

LINKS = "/api/v1/links"
LINK = LINKS + "/{slug}"
SECURITY = HTTPBearer(auto_error=False, description="HOP_TOKEN; needed when it is set.")
router = APIRouter(tags=["links"])


def hop(request: Request) -> Hop:
    """The parts of this process."""
    parts: Hop = request.app.state.hop
    return parts


Parts = Annotated[Hop, Depends(hop)]
Slug = Annotated[str, Path(max_length=MAX_LENGTH, pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="The same key and body within 24 hours make one link.",
    ),
]


def may_write(
    parts: Parts, given: Annotated[HTTPAuthorizationCredentials | None, Depends(SECURITY)]
) -> None:
    """Refuse writes without the token, where one is set."""
    token = parts.settings.token
    if token is None:
        return
    # compare_digest: the time of == tells how much of a guess was right.
    sent = b"" if given is None else given.credentials.encode()
    if not hmac.compare_digest(sent, token.get_secret_value().encode()):
        raise HTTPException(401, "a valid bearer token is needed", {"WWW-Authenticate": "Bearer"})


WRITE = [Depends(may_write)]


def base_of(request: Request, parts: Hop) -> str:
    """Where this service is known to its users."""
    return parts.settings.base_url or f"{request.url.scheme}://{request.url.netloc}"


def own_of(request: Request, parts: Hop) -> frozenset[str]:
    """Every address that a target must not lead to."""
    return parts.own | {key_of(request.url.netloc)}


@router.post(
    LINKS, status_code=201, dependencies=WRITE, responses=described(400, 401, 409, 413, 422, 503)
)
async def create_link(
    wish: schemas.CreateLink, request: Request, response: Response, parts: Parts, key: Key = None
) -> schemas.LinkOut:
    """Make a link."""
    link = await parts.links.create(wish.wish(), own=own_of(request, parts), key=key)
    response.headers["Location"] = f"{LINKS}/{link.slug}"
    return schemas.LinkOut.of(link, base_of(request, parts))


@router.get(LINKS, responses=described(422, 503))
async def list_links(
    request: Request,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=256)] = None,
) -> schemas.PageOut:
    """List links, newest first."""
    page = await parts.links.page(limit=limit, cursor=cursor)
    base = base_of(request, parts)
    items = [schemas.LinkOut.of(link, base) for link in page.items]
    return schemas.PageOut(items=items, next_cursor=page.next_cursor)


@router.get(LINK, responses=described(404, 422, 503))
async def get_link(slug: Slug, request: Request, parts: Parts) -> schemas.LinkOut:
    """Show a link, expired or not."""
    return schemas.LinkOut.of(await parts.links.get(slug), base_of(request, parts))


@router.patch(LINK, dependencies=WRITE, responses=described(400, 401, 404, 413, 422, 503))
async def change_link(
    slug: Slug, change: schemas.ChangeLink, request: Request, parts: Parts
) -> schemas.LinkOut:
    """Change a link's target or expiry."""
    link = await parts.links.change(slug, change.change(), own=own_of(request, parts))
    return schemas.LinkOut.of(link, base_of(request, parts))


@router.delete(LINK, status_code=204, dependencies=WRITE, responses=described(401, 404, 422, 503))
async def delete_link(slug: Slug, parts: Parts) -> None:
    """Remove a link; its slug is free again."""
    await parts.links.delete(slug)


@router.get(LINK + "/stats", responses=described(404, 422, 503))
async def link_stats(
    slug: Slug, parts: Parts, hours: Annotated[int, Query(ge=1, le=744)] = 168
) -> schemas.StatsOut:
    """Clicks by hour, the newest hours that had any."""
    return schemas.StatsOut.of(await parts.links.stats(slug, hours=hours))
