"""The signal matrix, config/signals.toml, tested against the running stack."""

from __future__ import annotations

import tomllib
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until
from stack.compose import Stack
from stack.web import query

MATRIX = ROOT / "layer3-pipelines/config/signals.toml"
KINDS = ("log", "metric", "trace", "health")
LIMIT_S = 180.0
NONE = "none: "


def read() -> dict[str, dict[str, Any]]:
    """The matrix: what each service tells, by kind of signal.

    Raises:
        LayerctlError: a service lacks a kind, or an absence has no reason.
    """
    matrix: dict[str, dict[str, Any]] = tomllib.loads(MATRIX.read_text("utf-8"))
    for service, row in matrix.items():
        if set(row) != set(KINDS) or any(cell in ("", NONE.strip()) for cell in row.values()):
            raise LayerctlError(f"{MATRIX.name}: {service} must say something of {KINDS}")
    return matrix


def missing(stack: Stack, matrix: dict[str, dict[str, Any]]) -> list[str]:
    """What the stack does not tell although the matrix says so, and services it forgets."""
    running = stack.services()
    spans = "\n".join(stack.log("collector"))
    found = [f"{name}: not in {MATRIX.name}" for name in running if name not in matrix]
    for service in (name for name in matrix if name in running):
        for kind, cell in matrix[service].items():
            if str(cell).startswith(NONE):
                continue
            if not told(stack, service, kind, cell, spans=spans, state=running[service]):
                found.append(f"{service}: no {kind}: {cell}")
    return found


def told(
    stack: Stack, service: str, kind: str, cell: Any, *, spans: str, state: dict[str, Any]
) -> bool:
    """Whether one signal is there now."""
    if kind == "metric":
        return query(stack.url("PROMETHEUS_PORT"), cell) != []
    if kind == "trace":
        return cell in spans
    if kind == "health":
        return bool(state["Health"] == "healthy")
    if "file" in cell:
        script = f"import sys; sys.stdout.write(open({cell['file']!r}).read(1_000_000))"
        return cell["has"] in stack.execute(service, "/app/bin/python", "-c", script).stdout
    return any(cell["has"] in line for line in stack.log(service))


def check(stack: Stack) -> dict[str, int]:
    """How many signals are there, and how many absences have their reason.

    Raises:
        LayerctlError: a signal did not come within a minute.
    """
    matrix = read()
    left: list[str] = []

    def complete() -> bool:
        left[:] = missing(stack, matrix)
        return not left

    try:
        until("every signal of the matrix", complete, LIMIT_S)
    except LayerctlError as error:
        raise LayerctlError(f"{error}\n  " + "\n  ".join(left)) from None
    running = stack.services()
    cells = [str(c) for name, row in matrix.items() if name in running for c in row.values()]
    absent = sum(cell.startswith(NONE) for cell in cells)
    return {"signals": len(cells) - absent, "absent_with_reason": absent}
