"""Failures on demand, only with HOP_FAULTS=1: drills need a known truth."""

from __future__ import annotations

import asyncio
import random
import re

from fastapi import APIRouter, Request
from starlette.routing import BaseRoute, Match

from hop.telemetry.middleware import App, Receive, Scope, Send
from hop.web.front import TEMPLATE, Front, refuse
from hop.web.links import WRITE, Parts
from hop.web.problems import described
from hop.web.schemas import Answer, FaultsIn

PATHS = ("/faults", "/drain")
HEADER = re.compile(rb"(status|delay)=([0-9]{1,5})")
router = APIRouter(tags=["faults"], dependencies=WRITE, responses=described(401))


class Faults:
    """Pure ASGI between telemetry and the app, so that a fault is measured like any request.

    A request's own header ``Hop-Fault: status=503`` or ``delay=400`` (ms) wins over the
    rates that ``PUT /faults`` set. Only user routes are touched.
    """

    def __init__(self, app: App, *, front: Front, user_routes: list[BaseRoute]) -> None:
        self._app, self._front, self._routes = app, front, user_routes
        self.configure(FaultsIn())

    def configure(self, plan: FaultsIn) -> None:
        """Take new rates."""
        self.plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - picks requests, no secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and self._resolve(scope):
            status, delay_ms = self._pick(dict(scope["headers"]).get(b"hop-fault"))
            if delay_ms:
                await asyncio.sleep(delay_ms / 1000)
            if status:
                await refuse(scope, send, status, "an injected fault", code="injected")
                return
        await self._app(scope, receive, send)

    def _pick(self, header: bytes | None) -> tuple[int, int]:
        wanted = HEADER.fullmatch(header or b"")
        if wanted:
            number = int(wanted[2])
            if wanted[1] == b"delay":
                return 0, min(number, 60_000)
            return (number, 0) if 400 <= number <= 599 else (0, 0)
        plan = self.plan
        delay = plan.delay_ms if self._random.random() < plan.delay_rate else 0
        return (plan.status if self._random.random() < plan.error_rate else 0), delay

    def _resolve(self, scope: Scope) -> bool:
        """Note the route, which nothing behind us will if the request fails here."""
        path: str = scope["path"]
        if self._front.is_redirect(path):
            scope["hop.route"] = TEMPLATE
            scope["hop.slug"] = path[1:] if scope["method"] in ("GET", "HEAD") else None
            return True
        for route in self._routes:
            if route.matches(scope)[0] is not Match.NONE:
                scope["hop.route"] = getattr(route, "path")  # noqa: B009 - not in BaseRoute
                return True
        return False


@router.get("/faults")
async def show_faults(request: Request) -> FaultsIn:
    """What is being injected."""
    plan: FaultsIn = request.app.state.faults.plan
    return plan


@router.put("/faults", responses=described(422))
async def set_faults(plan: FaultsIn, request: Request) -> FaultsIn:
    """Inject failures into user routes from now on."""
    request.app.state.faults.configure(plan)
    return plan


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> None:
    """Inject no more."""
    request.app.state.faults.configure(FaultsIn())


@router.post("/drain", status_code=202)
async def drain(parts: Parts) -> Answer:
    """Fail /readyz from now on, as after SIGTERM, but do not stop."""
    parts.draining = True
    return Answer(status="draining")
