"""Plots of counts as Vega-Lite specifications, made with Altair. Data in, chart out; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from .latency import Histogram
from .theme import BAR_WIDTH, LABEL_WIDTH, Chart, extent, rows


def latency(histogram: Histogram, threshold_ms: float) -> Chart:
    """Requests by duration, shortest on top, those above the threshold in another colour."""
    fast, slow = f"within {threshold_ms:g} ms", f"over {threshold_ms:g} ms"
    bounds = [*histogram.bounds_ms, float("inf")]
    found = [
        {
            "name": name,
            "count": count,
            "text": share_text(count, histogram.timed),
            "kind": fast if bound <= threshold_ms else slow,
        }
        for name, bound, count in zip(names(histogram), bounds, histogram.counts, strict=True)
    ]
    colours = alt.Scale(domain=[fast, slow], range=["var(--good)", "var(--bad)"])
    base = _horizontal(found)
    return alt.layer(
        base.mark_bar(height=15).encode(color=alt.Color("kind:N", scale=colours)),
        base.mark_text(align="left", dx=5).encode(text="text:N"),
    )


def bars(ranking: Sequence[tuple[str, int]], colour: str) -> Chart:
    """One horizontal bar a name, in the order given, its number at the end."""
    base = _horizontal(
        [{"name": name, "count": count, "text": f"{count:,}"} for name, count in ranking]
    )
    return alt.layer(
        base.mark_bar(color=colour, height=16),
        base.mark_text(align="left", dx=5).encode(text="text:N"),
    )


def names(histogram: Histogram) -> list[str]:
    """The buckets in words."""
    within = [f"{bound:g} ms" for bound in histogram.bounds_ms]
    return [*(f"up to {bound}" for bound in within), f"over {within[-1]}"]


def share_text(count: int, timed: int) -> str:
    """A share that is not zero never reads as zero."""
    share = count / timed * 100
    return f"{share:.1f} %" if share >= 0.1 else "<0.1 %" if count else "0 %"


def _horizontal(found: Sequence[Mapping[str, Any]]) -> alt.Chart:
    labels = [row["name"] for row in found]
    axis = alt.Axis(
        title=None,
        labelLimit=LABEL_WIDTH,
        labelColor="var(--text)",
        minExtent=extent(labels),
    )
    # The longest bar and the text at its end share what a phone leaves beside the labels.
    room = BAR_WIDTH / (BAR_WIDTH - extent(row["text"] for row in found))
    scale = alt.Scale(domain=[0, max(row["count"] for row in found) * room], nice=False)
    return alt.Chart(rows(found)).encode(
        # The order in full: layers do not agree on a sort by field, and fall back to the alphabet.
        y=alt.Y("name:N", sort=labels, axis=axis),
        x=alt.X("count:Q", scale=scale, axis=None),
    )
