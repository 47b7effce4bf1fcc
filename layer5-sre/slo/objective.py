"""One SLO document: its target, window, and the labels that tell good from bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from reading import SloError, fields, name_of, only, seconds


@dataclass(frozen=True, slots=True)
class Slo:
    """One objective: ``target`` strictly between 0 and 1, ``window_s`` in seconds."""

    name: str
    service: str
    indicator: str
    target: Decimal
    window_s: int
    match: Mapping[str, str]


def slo(document: Any, where: str) -> Slo:
    """Read a document of kind SLO."""
    name = name_of(document["metadata"], where)
    where = f"SLO {name}"
    spec = fields(
        document["spec"],
        f"{where} spec",
        ("service", "indicator", "timeWindow", "budgetingMethod", "objectives"),
        ("description",),
    )
    if spec["budgetingMethod"] != "Occurrences":
        raise SloError(f"{where}: budgetingMethod must be Occurrences, we count requests")
    window = fields(
        only(spec["timeWindow"], f"{where} timeWindow"),
        f"{where} timeWindow",
        ("duration", "isRolling"),
    )
    if window["isRolling"] is not True:
        raise SloError(f"{where} timeWindow: isRolling must be true")
    indicator = fields(spec["indicator"], f"{where} indicator", ("metadata", "spec"))
    return Slo(
        name=name,
        service=str(spec["service"]),
        indicator=name_of(indicator["metadata"], f"{where} indicator"),
        target=_target(only(spec["objectives"], f"{where} objectives"), where),
        window_s=seconds(window["duration"], f"{where} timeWindow.duration"),
        match=_match(indicator["spec"], where),
    )


def _target(objective: Any, where: str) -> Decimal:
    """The target as a share, read as decimal so that 99.5 % is 0.995 and not 0.99500000001."""
    where = f"{where} objectives"
    fields(objective, where, (), ("displayName", "target", "targetPercent"))
    given = [key for key in ("target", "targetPercent") if key in objective]
    if len(given) != 1:
        raise SloError(f"{where}: give one of target and targetPercent")
    try:
        target = Decimal(str(objective[given[0]])) / (100 if given[0] == "targetPercent" else 1)
    except InvalidOperation:
        raise SloError(f"{where}: {objective[given[0]]!r} is no number") from None
    if not target.is_finite() or not 0 < target < 1:  # a NaN refuses to be compared
        raise SloError(
            f"{where}: {given[0]} {objective[given[0]]} leaves no budget or asks for nothing;"
            " it must lie strictly between 0 and 100 %"
        )
    return target


def _match(spec: Any, where: str) -> Mapping[str, str]:
    """The labels that tell the numerator from the total."""
    ratio = fields(spec, f"{where} indicator", ("ratioMetric",))["ratioMetric"]
    where = f"{where} ratioMetric"
    fields(ratio, where, ("counter", "total"), ("good", "bad"))
    numerator = [key for key in ("good", "bad") if key in ratio]
    if len(numerator) != 1:
        raise SloError(f"{where}: give one of good and bad")
    _metric(ratio["total"], f"{where} total")
    return _metric(ratio[numerator[0]], f"{where} {numerator[0]}")


def _metric(value: Any, where: str) -> Mapping[str, str]:
    source = fields(value, where, ("metricSource",))["metricSource"]
    fields(source, f"{where} metricSource", ("type", "spec"))
    fields(source["spec"], f"{where} metricSource.spec", ("metric",), ("match",))
    match = source["spec"].get("match", {})
    if not isinstance(match, dict) or not all(isinstance(text, str) for text in match.values()):
        raise SloError(f"{where} match: label values must be strings (quote numbers)")
    return match
