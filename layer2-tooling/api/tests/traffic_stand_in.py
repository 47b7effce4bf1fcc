"""The part of hop that hop-traffic meets: it follows the contract, or breaks it when told to."""

import json
import socket
import threading
from contextlib import contextmanager

import uvicorn

INTERNAL = {"/healthz", "/livez", "/faults"}


class StandIn:
    """The part of hop that traffic meets, with its log in memory."""

    def __init__(self):
        self.links, self.log, self.headers = {}, [], []
        self.faults, self.hang_after, self.answer_json = True, None, True
        self.list_status = 200

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        body = (await receive())["body"]
        if self.hang_after is not None and len(self.log) >= self.hang_after:
            await receive()  # until the client has had enough
            return
        route, slug, status, made = self.handle(scope["method"], scope["path"], body)
        kind, _, value = headers.get("hop-fault", "").partition("=")
        if kind == "status":
            status = int(value)
        self.headers.append(headers)
        duration = float(value) if kind == "delay" else 1.0
        self.log.append(
            {
                "v": 1,
                "method": scope["method"],
                "route": route,
                "status": status,
                "slug": slug,
                "duration_ms": duration,
            }
        )
        text = json.dumps({"slug": made}).encode() if self.answer_json else b"<html>"
        text = text if status == 201 else b""
        size = (b"content-length", str(len(text)).encode())
        start = {"type": "http.response.start", "status": status, "headers": [size]}
        await send({**start, "headers": [size, (b"location", b"http://192.0.2.1/")]})
        await send({"type": "http.response.body", "body": text})

    def handle(self, method, path, body):
        """Route, slug, status, and the slug made."""
        if path in INTERNAL:
            return path, None, 404 if path == "/faults" and not self.faults else 200, None
        if method == "POST":
            return ("/api/v1/links", None, *self.create(body))
        if path == "/api/v1/links":
            return path, None, self.list_status, None
        if path.startswith("/api/v1/links/"):
            stats = "/stats" if path.endswith("/stats") else ""
            return "/api/v1/links/{slug}" + stats, None, 200, None
        slug = path[1:]
        if "/" in slug:
            return "unmatched", None, 404, None
        return "/{slug}", slug, 307 if slug in self.links else 404, None

    def create(self, body):
        try:
            data = json.loads(body)
            url, alias = data["target"], data.get("alias", f"s{len(self.links)}")
        except (ValueError, KeyError):
            return 422, None
        if not str(url).startswith("https://example.com/") or alias in ("metrics", "a/b"):
            return 422, None
        if alias in self.links:
            return 409, None
        self.links[alias] = url
        return 201, alias


@contextmanager
def serving(app):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()

        def die():
            server.should_exit = server.force_exit = True
            thread.join(10)
            listener.close()

        app.die = die
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            die()
