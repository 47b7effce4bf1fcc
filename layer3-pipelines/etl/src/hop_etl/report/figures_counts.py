"""How many of what: durations, links, rejected lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .. import wording
from ..tables import Reject
from . import charts_bars
from .figure import Figure, drawn
from .latency import Histogram


def latency(histogram: Histogram | None, threshold_ms: float) -> Figure:
    """How long requests took."""
    title = "Latency"
    if histogram is None or not histogram.timed:
        return Figure(title, "No data: no request with a known duration was counted.")
    slow = sum(
        count
        for bound, count in zip([*histogram.bounds_ms, float("inf")], histogram.counts, strict=True)
        if bound > threshold_ms
    )
    return Figure(
        title,
        f"{histogram.timed:,} requests by duration; {slow:,} took longer than {threshold_ms:g} ms.",
        *drawn(charts_bars.latency(histogram, threshold_ms), 290),
        head=("duration", "requests", "share"),
        rows=tuple(
            (bound, f"{count:,}", wording.percent(count / histogram.timed))
            for bound, count in zip(charts_bars.names(histogram), histogram.counts, strict=True)
        ),
    )


def links(top: Sequence[tuple[str, int]]) -> Figure:
    """The most clicked short links."""
    title = "Top links"
    if not top:
        return Figure(title, "No data: no redirect was counted, or these logs name no short links.")
    return _ranking(title, top, "var(--availability)", ("link", "clicks"), "click")


def rejects(rows: Sequence[Reject]) -> Figure:
    """Lines that were refused, by reason."""
    title = "Rejected lines by reason"
    if not rows:
        return Figure(title, "None: every line was understood.")
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons[row.reason] += row.lines
    return _ranking(title, reasons.most_common(), "var(--bad)", ("reason", "lines"), "line")


def _ranking(
    title: str, ranking: Sequence[tuple[str, int]], colour: str, head: tuple[str, str], unit: str
) -> Figure:
    seen = [(wording.visible(name), count) for name, count in ranking]
    text = f"Most: {seen[0][0]} with {wording.count(seen[0][1], unit)}."
    return Figure(
        title,
        text,
        *drawn(charts_bars.bars(seen, colour), 24 + 26 * len(seen)),
        head=head,
        rows=tuple((name, f"{count:,}") for name, count in seen),
    )
