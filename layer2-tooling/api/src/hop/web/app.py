"""The application: parts, routes, and the layers around them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI

from hop import __version__
from hop.settings import Settings
from hop.telemetry.access_log import AccessLog
from hop.telemetry.clients import Clients
from hop.telemetry.lines import LineEncoder
from hop.telemetry.metrics import Metrics
from hop.telemetry.middleware import App, Telemetry
from hop.telemetry.tracing import Sampler, provider_from_environment, share_from_environment
from hop.web import faults, links, openapi, operations, problems
from hop.web.front import Front
from hop.web.gauges import metrics_of
from hop.web.limits import BodyLimit
from hop.web.probe import watch_database
from hop.web.state import Hop, build

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class Service:
    """One process of hop as an ASGI application.

    Raises:
        SettingsError: a setting cannot work.
    """

    def __init__(self, settings: Settings, *, telemetry: bool | None = None) -> None:
        watched = settings.telemetry if telemetry is None else telemetry
        self._provider: TracerProvider | None = None
        if watched:
            self._provider = provider_from_environment(
                version=__version__, release=settings.release
            )
        self._tracer = None if self._provider is None else self._provider.get_tracer("hop")
        self.parts = build(settings, tracer=self._tracer)
        self.metrics = metrics_of(self.parts)
        self.access_log: AccessLog | None = None
        self.api = _api(self.parts, self.metrics, lifespan=self._lifespan)
        fixed = {"/docs", "/openapi.json", *operations.PATHS}
        if settings.faults:
            fixed.update(faults.PATHS)
        limited = BodyLimit(self.api, limit=settings.max_body)
        front = Front(limited, redirects=self.parts.redirects, fixed=fixed)
        self._app: App = front
        if settings.faults:
            injected = faults.Faults(front, front=front, user_routes=links.router.routes)
            self.api.state.faults = injected
            self._app = injected
        self._flush: Callable[[], None] = lambda: None
        if watched:
            self._app = self._watched(self._app)

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        """ASGI."""
        await self._app(scope, receive, send)

    def reopen_log(self) -> None:
        """Go on in a new log file; safe in a signal handler."""
        if self.access_log is not None:
            self.access_log.reopen()

    def _watched(self, app: App) -> App:
        settings = self.parts.settings
        self.access_log = AccessLog(settings.log_file, dropped=self.metrics.dropped.inc)
        clients = Clients(self.parts.client_key, trusted=settings.trusted_proxies)
        telemetry = Telemetry(
            app,
            write_lines=self.access_log.write,
            encoder=LineEncoder(clients=clients, release=settings.release, colour=settings.colour),
            clients=clients,
            durations=self.metrics.requests,
            sampler=Sampler(self._tracer, share=share_from_environment()),
        )
        self._flush = telemetry.flush
        self.metrics.requests.before_collect = telemetry.flush
        return telemetry

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        probe = asyncio.create_task(watch_database(self.parts, stop))
        try:
            yield
        finally:
            stop.set()  # cancelled in the middle of a query it would lose a connection
            await probe
            await self.parts.database.close()
            if self._provider is not None:
                await asyncio.to_thread(self._provider.shutdown)
            self._flush()
            if self.access_log is not None:
                self.access_log.close()


def create_app(settings: Settings, *, telemetry: bool | None = None) -> Service:
    """The ASGI application; ``telemetry=False`` leaves metrics, log and spans out."""
    return Service(settings, telemetry=telemetry)


def _api(parts: Hop, metrics: Metrics, *, lifespan) -> FastAPI:  # type: ignore[no-untyped-def]
    api = FastAPI(
        title="hop",
        version=__version__,
        summary="A link shortener made to be operated.",
        lifespan=lifespan,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours is around it
    )
    api.state.hop, api.state.metrics = parts, metrics
    api.include_router(links.router)
    api.include_router(operations.router)
    if parts.settings.faults:
        api.include_router(faults.router)
    problems.install(api)
    openapi.install(api)
    return api
