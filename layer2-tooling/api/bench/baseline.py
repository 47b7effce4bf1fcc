"""The named baseline: the redirect as most FastAPI tutorials write it.

A session per request by ``Depends``, the ORM's ``get``, a ``RedirectResponse``; with
``BASELINE_TELEMETRY=1`` also the usual way to a metric, a log line and a span: a function
middleware each, the standard library's logging, FastAPI's own spans.
It reads hop's table from the same database.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from prometheus_client import Histogram
from sqlalchemy import DateTime
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
TELEMETRY = os.environ.get("BASELINE_TELEMETRY") == "1"
DURATION = Histogram("http_request_duration_seconds", "Duration.", ["method", "route", "status"])
Handler = Callable[[Request], Awaitable[Response]]

if TELEMETRY:  # FastAPI finds the provider and makes spans by itself
    trace.set_tracer_provider(TracerProvider(sampler=ParentBasedTraceIdRatio(0.01)))

engine = create_async_engine(URL)
make_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """Declarative base."""


class Link(Base):
    """A row of hop's table, as the redirect needs it."""

    __tablename__ = "links"
    slug: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


async def session() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with make_session() as opened:
        yield opened


@app.get("/livez")
async def livez() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@app.get("/{slug}")
async def follow(slug: str, opened: Annotated[AsyncSession, Depends(session)]) -> RedirectResponse:
    """Lead to the link's target."""
    link = await opened.get(Link, slug)
    if link is None or (link.expires_at and link.expires_at <= datetime.now(UTC)):
        raise HTTPException(404)
    return RedirectResponse(link.target, status_code=307)


async def measure(request: Request, call_next: Handler) -> Response:
    """A histogram sample for each request."""
    started = time.perf_counter()
    response = await call_next(request)
    route = getattr(request.scope.get("route"), "path", "unmatched")
    labels = (request.method, route, str(response.status_code))
    DURATION.labels(*labels).observe(time.perf_counter() - started)
    return response


async def log(request: Request, call_next: Handler) -> Response:
    """A JSON line for each request."""
    started = time.perf_counter()
    response = await call_next(request)
    line = {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": request.method,
        "path": request.url.path,
        "status": response.status_code,
        "duration_ms": round((time.perf_counter() - started) * 1000, 3),
        "client": request.client.host if request.client else None,
        "user_agent": request.headers.get("user-agent"),
    }
    logging.getLogger("access").info(json.dumps(line))
    return response


if TELEMETRY:
    logging.basicConfig(filename=os.environ["ACCESS_LOG"], level=logging.INFO, format="%(message)s")
    app.middleware("http")(log)
    app.middleware("http")(measure)
