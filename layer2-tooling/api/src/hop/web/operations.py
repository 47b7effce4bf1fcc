"""What operators and probes ask: alive, ready, healthy, metrics, version."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder

from hop import __version__
from hop.errors import Unavailable
from hop.web.links import Parts
from hop.web.problems import described
from hop.web.schemas import Answer

PATHS = ("/livez", "/readyz", "/healthz", "/version", "/metrics")
router = APIRouter(tags=["operations"])


@router.get("/livez")
async def livez() -> Answer:
    """The process runs. It never looks at the database: a restart would not mend that."""
    return Answer(status="ok")


@router.get("/readyz", responses=described(503))
async def readyz(parts: Parts) -> Answer:
    """Send traffic here: the database has answered once, and nobody asked us to stop.

    Later trouble with the database is not seen here, or all replicas would leave at once.
    """
    if parts.draining:
        raise Unavailable("draining")
    if parts.not_ready:
        raise Unavailable(parts.not_ready)
    return Answer(status="ok")


@router.get("/healthz", responses=described(503))
async def healthz(parts: Parts) -> Answer:
    """The database answers now."""
    await parts.database.ping()
    return Answer(status="ok", database="ok", draining=parts.draining)


@router.get("/version")
async def version(parts: Parts) -> Answer:
    """What runs here."""
    settings = parts.settings
    return Answer(
        status="ok", version=__version__, release=settings.release, colour=settings.colour
    )


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Metrics for Prometheus, as text or OpenMetrics."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    content = encode(request.app.state.metrics.registry)
    return Response(content, headers={"content-type": content_type})
