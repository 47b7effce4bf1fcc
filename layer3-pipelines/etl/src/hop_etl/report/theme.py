"""How the plots look. Colours are variables of the page, so one drawing serves light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

import altair as alt

WIDE, NARROW = 560, 326  # CSS pixels; the narrow one fits a phone 390 wide

_TEXT = {"labelColor": "var(--muted)", "titleColor": "var(--muted)"}
CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    # The page describes each plot in words and as a table; a reader of marks one by one is no help.
    "aria": False,
    "autosize": {"type": "fit", "contains": "padding"},
    "padding": {"left": 2, "right": 8, "top": 8, "bottom": 2},
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "domain": False,
        "ticks": False,
        "gridColor": "var(--grid)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "axisX": {"grid": False, "domain": True, "domainColor": "var(--grid)"},
    "legend": {
        **_TEXT,
        "orient": "top",
        "title": None,
        "labelFontSize": 12,
        "symbolSize": 90,
        "columnPadding": 34,
    },
    "text": {"color": "var(--text)", "fontSize": 12},
}


LABEL_WIDTH, BAR_WIDTH = 150, 160  # CSS pixels; together what the narrow plot has
_LETTER_WIDTH = 7.6  # CSS pixels of a 12 pixel letter in the widest of the usual system fonts

Chart = alt.LayerChart | alt.FacetChart  # what alt.layer returns


def rows(values: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Data that stand in the specification: Vega reads no file and no address."""
    return alt.InlineData(values=list(values))


def extent(labels: Iterable[str]) -> int:
    """Room for an axis' labels in pixels: Vega measures a font that the reader may not have."""
    return min(LABEL_WIDTH, 10 + int(_LETTER_WIDTH * max(len(label) for label in labels)))


def svg(chart: Chart, *, width: int, height: int) -> str:
    """The chart as text of an SVG element, to be put into a page that defines the colours."""
    out = StringIO()
    chart.properties(width=width, height=height, config=CONFIG).save(out, format="svg")
    return out.getvalue()
