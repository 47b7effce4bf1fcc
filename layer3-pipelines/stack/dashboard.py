"""The dashboard's panels, asked of the running Prometheus: a panel without data is a broken one."""

from __future__ import annotations

import json
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until
from stack.compose import Stack
from stack.web import query

FILE = ROOT / "layer3-pipelines/config/grafana/dashboards/pipeline.json"
LIMIT_S = 180.0


def queries() -> dict[str, str]:
    """The panels' expressions by title."""
    panels: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["panels"]
    return {panel["title"]: panel["targets"][0]["expr"] for panel in panels}


def empty(stack: Stack, panels: dict[str, str]) -> list[str]:
    """Titles of panels that have nothing to show."""
    prometheus = stack.url("PROMETHEUS_PORT")
    return [title for title, expression in panels.items() if not query(prometheus, expression)]


def check(stack: Stack) -> dict[str, int]:
    """How many panels show something.

    Raises:
        LayerctlError: one stays empty.
    """
    panels = queries()
    try:
        until("data in every panel", lambda: not empty(stack, panels), LIMIT_S)
    except LayerctlError as error:
        raise LayerctlError(f"{error}\n  empty: {', '.join(empty(stack, panels))}") from None
    return {"panels_with_data": len(panels)}
