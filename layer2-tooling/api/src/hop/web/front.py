"""The redirect, ahead of everything else; the rest goes on to FastAPI.

FastAPI's stack and router cost several times what a redirect does. So the one hot path
is answered here, in two ASGI messages.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog

from hop.domain.slugs import SLUG
from hop.errors import HopError
from hop.services.redirects import Redirects
from hop.telemetry.middleware import App, Receive, Scope, Send
from hop.web import problems

TEMPLATE = "/{slug}"
EMPTY = (b"content-length", b"0")
# Clicks are counted here, so neither browsers nor proxies may answer for us.
NO_STORE = (b"cache-control", b"no-store")
PROBLEM = (b"content-type", problems.MEDIA_TYPE.encode())
ALLOW = (b"allow", b"GET, HEAD")
log = structlog.get_logger("hop.web")


class Front:
    """Pure ASGI: redirects, or hands on.

    Args:
        app: gets what is not a slug.
        redirects: looks slugs up.
        fixed: paths of one segment that look like slugs and are not.
    """

    def __init__(self, app: App, *, redirects: Redirects, fixed: Collection[str]) -> None:
        self._app, self._redirects = app, redirects
        self._fixed = frozenset(fixed)

    def is_redirect(self, path: str) -> bool:
        """Whether the path is a slug's."""
        return SLUG.fullmatch(path, 1) is not None and path not in self._fixed

    # region: redirect
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not self.is_redirect(scope["path"]):
            if scope.get("path") in self._fixed:
                scope["hop.route"] = scope["path"]
            await self._app(scope, receive, send)
            return
        scope["hop.route"] = TEMPLATE
        if scope["method"] not in ("GET", "HEAD"):
            await refuse(scope, send, 405, "this address only redirects", headers=[ALLOW])
            return
        scope["hop.slug"] = slug = scope["path"][1:]
        try:
            target = self._redirects.remembered(slug) or await self._redirects.find(slug)
        except HopError as error:
            status, extra = problems.from_error(error)
            headers = [(k.lower().encode(), v.encode()) for k, v in extra.items()]
            await refuse(scope, send, status, str(error), code=error.code, headers=headers)
            return
        except Exception as error:
            log.error("unexpected error", exc_info=error)
            await refuse(scope, send, 500, "an unexpected error; see the service's log")
            return
        headers = [(b"location", target), EMPTY, NO_STORE]
        await send({"type": "http.response.start", "status": 307, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    # endregion


async def refuse(
    scope: Scope,
    send: Send,
    status: int,
    detail: str,
    *,
    code: str = "",
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Answer with a problem."""
    content = problems.body(status, detail, code=code, request_id=scope.get("hop.request_id"))
    length = (b"content-length", str(len(content)).encode())
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [PROBLEM, length, NO_STORE, *(headers or [])],
    }
    await send(start)
    await send(
        {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content}
    )
