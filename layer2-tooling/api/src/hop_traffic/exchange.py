"""One request over a real connection, and what became of it."""

from __future__ import annotations

import json
import os
import time

import httpx2

from .errors import FaultsOffError, NotThereError
from .model import Outcome, Planned

CONNECTIONS = 64
# Below uvicorn's 5 s, so that the client, and not hop, closes an idle connection: a request
# that meets a closing connection is neither surely seen nor surely unseen.
KEEP_ALIVE_S = 2.0
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def client(base_url: str, *, timeout_s: float) -> httpx2.AsyncClient:
    """A client that follows no redirect, resends nothing and uses no proxy.

    Its own agent and encodings are left out: the plan says what is sent.
    """
    http = httpx2.AsyncClient(
        base_url=base_url,
        timeout=httpx2.Timeout(timeout_s, pool=None),
        limits=httpx2.Limits(
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_S,
        ),
        follow_redirects=False,
        trust_env=False,
    )
    for name in ("User-Agent", "Accept-Encoding"):
        del http.headers[name]
    if token := os.environ.get("HOP_TOKEN"):  # a hop that more than this machine can reach wants it
        http.headers["Authorization"] = f"Bearer {token}"
    return http


async def preflight(http: httpx2.AsyncClient, *, faults: bool) -> None:
    """Ask whether hop is there, and whether it injects faults where the plan needs that.

    Raises:
        NotThereError: nothing answers at the address.
        FaultsOffError: hop runs without ``HOP_FAULTS=1``.
    """
    address = str(http.base_url).rstrip("/")
    try:
        answer = await http.get("/faults" if faults else "/livez")
    except httpx2.TransportError as error:
        raise NotThereError(f"no hop at {address}: {describe(error)}; start it first") from None
    if faults and answer.status_code != 200:
        raise FaultsOffError(
            f"hop at {address} injects no faults (GET /faults: {answer.status_code}); start it"
            " with HOP_FAULTS=1, or send with --error-share 0 --slow-share 0"
        )


async def exchange(
    http: httpx2.AsyncClient, planned: Planned, *, path: str, slug: str | None
) -> Outcome:
    """Send one request and wait for its whole answer."""
    began, clock = time.time(), time.monotonic()
    try:
        answer = await http.request(
            planned.shape.method, path, content=planned.body, headers=planned.headers
        )
    except httpx2.TransportError as error:
        sent = not isinstance(error, NEVER_SENT)
        return Outcome(planned, began, time.time(), slug=slug, sent=sent, error=describe(error))
    # The wall clock may be set while we wait; a duration must not notice.
    ended = began + (time.monotonic() - clock)
    if planned.makes is not None:
        slug = _made(planned.body or b"{}", answer)
    return Outcome(planned, began, ended, status=answer.status_code, slug=slug)


def _made(body: bytes, answer: httpx2.Response) -> str | None:
    """The slug of the link that a create made, or found already made by an earlier run."""
    if answer.status_code not in (200, 201, 409):
        return None
    try:
        known = (
            json.loads(body).get("alias") if answer.status_code == 409 else answer.json()["slug"]
        )
    except (ValueError, KeyError, TypeError):
        return None
    return known if isinstance(known, str) else None


def describe(error: Exception) -> str:
    """The name of an error and what it says, where it says anything."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")
