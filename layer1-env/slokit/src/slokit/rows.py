"""Rows of the three tables, as the pipeline writes them; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ClickRow(NamedTuple):
    """Redirects of one slug in one hour; ``clients`` counts the different ones that are known."""

    hour: datetime
    slug: str
    clicks: int
    clients: int


class SliRow(NamedTuple):
    """Requests of one route, release and colour in one window."""

    hour: datetime
    window_start: datetime
    window_s: int
    route: str
    release: str | None
    colour: str | None
    total: int
    good: int
    timed: int
    slow: int
    threshold_ms: float


class RejectRow(NamedTuple):
    """Lines of one file rejected for one reason; ``sample`` is the smallest of them."""

    file: str
    reason: str
    sample: str
    lines: int


class Tables(NamedTuple):
    """All three, sorted, and the counts of the run: ``lines == accepted + rejected``."""

    clicks: list[ClickRow]
    sli: list[SliRow]
    rejects: list[RejectRow]
    lines: int
    accepted: int
    rejected: int
