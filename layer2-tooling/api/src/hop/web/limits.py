"""A limit on request bodies, with an answer in the form of all others.

FastAPI's own ``max_body_size`` answers in plain text.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException

from hop.telemetry.middleware import App, Message, Receive, Scope, Send


class BodyLimit:
    """Pure ASGI: at most ``limit`` bytes of body, announced or not."""

    def __init__(self, app: App, *, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        left = self._limit - int(announced if announced.isdigit() else 0)
        left = self._limit if left >= 0 else -1

        # Refused only when the route reads it: by then the log knows which route it is.
        async def counted() -> Message:
            nonlocal left
            if left >= 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if left >= 0:
                    return message
            raise HTTPException(413, f"the body is larger than {self._limit} bytes")

        await self._app(scope, counted, send)
