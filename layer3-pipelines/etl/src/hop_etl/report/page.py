"""The page itself: everything it shows, in one string of HTML."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from slokit.objectives import Service
from slokit.sli import Counts

from .. import verdict_text, wording
from ..tables import Tables
from ..verdict import Judgement, judge
from . import figures_counts, figures_time
from .latency import Histogram

TOP_LINKS, REJECT_ROWS = 10, 50


def render(tables: Tables, service: Service, histogram: Histogram | None) -> str:
    """The report on one version of the tables.

    Args:
        histogram: durations of the requests; None when the logs know none.

    Raises:
        InputError: the tables do not fit the objectives, or cannot be read.
    """
    judgement = judge(tables, service)
    rejects = tables.rejects()
    windows = _judged(tables, judgement)
    drawn = [
        *(figures_time.sli(each, windows, tables.window_s) for each in judgement.standings),
        figures_time.burn_down(judgement, windows, tables.window_s),
        figures_counts.latency(histogram, service.threshold_ms),
        figures_counts.links(tables.top_links(TOP_LINKS)),
        figures_counts.rejects(rejects),
    ]
    style = (files(__package__) / "page.css").read_text("utf-8")
    return _template().render(
        judgement=judgement,
        service=service.name,
        span=verdict_text.span(judgement),
        manifest=tables.manifest,
        # Those without a plot last: beside one they would be empty boxes.
        figures=sorted(drawn, key=lambda figure: not figure.wide),
        rejects=rejects[:REJECT_ROWS],
        more_rejects=len(rejects[REJECT_ROWS:]),
        style=Markup(style),  # noqa: S704 - a file of this package
        style_hash=_hash(style),
    )


def _judged(tables: Tables, judgement: Judgement) -> dict[int, Counts]:
    """The windows that the verdict is about, so that every plot ends at its figures."""
    if not tables.windows:
        return {}
    newest = max(tables.windows) + tables.window_s
    oldest = newest - judgement.window.total_seconds()
    return {start: row for start, row in tables.windows.items() if start >= oldest}


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hop_etl.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": wording.percent,
        "goal": wording.goal,
        "left": wording.left,
        "rate": wording.rate,
        "moment": wording.moment,
        "duration": wording.duration,
        "visible": wording.visible,
        "objective": verdict_text.name,
        # Vega has escaped the text in it; all other text goes through the autoescape.
        "drawn": Markup,
    }
    return environment.get_template("page.html.j2")


def _hash(style: str) -> str:
    """What the page's own policy knows its only style by; no script is allowed at all."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
