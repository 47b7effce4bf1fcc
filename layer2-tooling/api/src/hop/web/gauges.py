"""What the parts of a process show in /metrics."""

from __future__ import annotations

from hop import __version__
from hop.telemetry.metrics import Metrics
from hop.web.state import Hop


def metrics_of(parts: Hop) -> Metrics:
    """A registry that reads the parts when it is asked."""
    settings, redirects, database = parts.settings, parts.redirects, parts.database
    metrics = Metrics(version=__version__, release=settings.release, colour=settings.colour)
    metrics.counter(
        "hop_redirects_from_memory", "Redirects without a query.", lambda: redirects.hits
    )
    metrics.counter(
        "hop_redirects_from_database", "Queries for a redirect.", lambda: redirects.misses
    )
    metrics.counter(
        "hop_redirects_stale",
        "Answers from memory for want of the database.",
        lambda: redirects.stale,
    )
    metrics.gauge("hop_links_in_memory", "Entries in memory.", lambda: len(parts.cache))
    metrics.gauge("hop_database_up", "1 when the database last answered.", lambda: database.up)
    metrics.gauge("hop_draining", "1 while the process is asked to stop.", lambda: parts.draining)
    return metrics
