"""From OpenSLO objects to the content of objectives.json, checked against what can be met."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from objective import Slo
from openslo import Service, load
from reading import SloError, seconds

# The buckets of hop's histogram as Prometheus labels them, in seconds; a test reads hop's source.
BUCKETS_S = (
    "0.001",
    "0.0025",
    "0.005",
    "0.01",
    "0.025",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "1.0",
    "2.5",
)
_BURN = re.compile(
    r"(?P<spent>[0-9]+(?:\.[0-9]+)?)% in (?P<long>\w+), confirmed in (?P<short>\w+),"
    r" (?P<severity>page|ticket)"
)
_BURN_PREFIX = "burn.six-layers/"


def objectives(path: Path) -> dict[str, Any]:
    """The content of objectives.json for one SLO file.

    Raises:
        SloError: the file cannot be used; nothing is guessed.
    """
    services, slos = load(path)
    if not services:
        raise SloError("no Service document")
    known = {service.name for service in services}
    if len(known) != len(services):
        raise SloError("two Service documents have the same name")
    for slo in slos:
        if slo.service not in known:
            raise SloError(f"SLO {slo.name}: service {slo.service!r} has no Service document")
    return {
        "generated_from": path.name,
        "services": {
            service.name: _service(service, [slo for slo in slos if slo.service == service.name])
            for service in services
        },
    }


def _service(service: Service, slos: list[Slo]) -> dict[str, Any]:
    where = f"Service {service.name}"
    by_indicator = {slo.indicator: slo for slo in slos}
    if len(by_indicator) != len(slos) or set(by_indicator) != {"availability", "latency"}:
        found = [slo.indicator for slo in slos]
        raise SloError(f"{where}: wants one SLO each for availability and latency, found {found}")
    windows = {slo.window_s for slo in slos}
    if len(windows) != 1:
        raise SloError(f"{where}: its SLOs have different windows: {sorted(windows)} s")
    window_s = windows.pop()
    availability, latency = by_indicator["availability"], by_indicator["latency"]
    return {
        "window_s": window_s,
        "objectives": {
            "availability": {"target": float(availability.target)},
            "latency": {"target": float(latency.target), "threshold_ms": _threshold_ms(latency)},
        },
        "burn": [_burn(key, text, slos) for key, text in _burn_annotations(service)],
    }


def _threshold_ms(slo: Slo) -> int | float:
    bound = slo.match.get("le")
    if bound is None:
        raise SloError(f"SLO {slo.name}: good has no label 'le', the latency threshold in seconds")
    if bound not in BUCKETS_S:
        buckets = ", ".join(BUCKETS_S)
        raise SloError(f"SLO {slo.name}: le {bound!r} is no bucket of the histogram ({buckets})")
    threshold = Decimal(bound) * 1000
    return int(threshold) if threshold == int(threshold) else float(threshold)


def _burn_annotations(service: Service) -> list[tuple[str, str]]:
    found = [item for item in service.annotations.items() if item[0].startswith(_BURN_PREFIX)]
    if not found:
        raise SloError(f"Service {service.name}: no annotation {_BURN_PREFIX}..., so no alert")
    return found


def _burn(key: str, text: str, slos: list[Slo]) -> dict[str, Any]:
    parts = _BURN.fullmatch(text)
    if not parts:
        raise SloError(f"{key}: {text!r} is not like '2% in 1h, confirmed in 5m, page'")
    long_s, short_s = seconds(parts["long"], key), seconds(parts["short"], key)
    spent = Decimal(parts["spent"]) / 100
    for slo in slos:
        if not short_s < long_s < slo.window_s:
            raise SloError(f"{key}: wants short window < long window < {slo.window_s} s")
        factor = spent * slo.window_s / long_s
        if factor < 1:
            raise SloError(f"{key}: alerts at {factor:.2f} times the pace that the budget allows")
        if factor * (1 - slo.target) >= 1:
            raise SloError(f"{key}: can never fire for SLO {slo.name}, even when all requests fail")
    return {
        "spent": float(spent),
        "long_s": long_s,
        "short_s": short_s,
        "severity": parts["severity"],
    }
