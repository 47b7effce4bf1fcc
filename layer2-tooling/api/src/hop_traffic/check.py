"""Compare an access log with a truth, to the request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import LogError
from .truth import CLICK, Key, Truth


@dataclass(slots=True)
class Logged:
    """What an access log says, counted as the truth is."""

    counts: Counter[Key] = field(default_factory=Counter)
    clicks: Counter[str] = field(default_factory=Counter)
    slow: int = 0
    internal: int = 0


def count(
    lines: Iterable[Mapping[str, Any]], *, threshold_ms: float, internal: Collection[str]
) -> Logged:
    """Count decoded log lines; ``internal`` are the routes that are not a user's.

    Raises:
        LogError: a line lacks a field of schema v1.
    """
    logged = Logged()
    for number, line in enumerate(lines, 1):
        try:
            key = Key(str(line["method"]), str(line["route"]), int(line["status"]))
            slug, slow = line["slug"], line["duration_ms"] > threshold_ms
        except (KeyError, TypeError, ValueError) as error:
            raise LogError(f"line {number} is not of schema v1: {error!r}") from None
        if key.route in internal:
            logged.internal += 1
            continue
        logged.counts[key] += 1
        logged.slow += slow
        if (key.method, key.status) == CLICK:
            logged.clicks[str(slug)] += 1
    return logged


def differences(truth: Truth, logged: Logged) -> Iterator[str]:
    """Each way in which the log is not what was sent, as a sentence.

    A request that hop may have seen but did not answer may be in the log or not.
    """
    spare = Counter[tuple[str, str]]()
    spare_clicks = Counter[str | None]()
    for lost, n in truth.lost.items():
        spare[lost.method, lost.route] += n
        spare_clicks[lost.slug] += n
    for key in sorted(truth.counts.keys() | logged.counts.keys()):
        sent, seen = truth.counts[key], logged.counts[key]
        allowed = min(max(seen - sent, 0), spare[key.method, key.route])
        spare[key.method, key.route] -= allowed
        if seen - allowed != sent:
            yield f"{key.method} {key.route} {key.status}: {sent} answered, {seen} logged"
    for slug in sorted(truth.clicks.keys() | logged.clicks.keys()):
        sent, seen = truth.clicks[slug], logged.clicks[slug]
        if not sent <= seen <= sent + spare_clicks[slug]:
            yield f"clicks on {slug}: {sent} answered, {seen} logged"
    most = truth.slow + truth.maybe_slow + truth.lost.total()
    if not truth.slow <= logged.slow <= most:
        yield f"slower than {truth.threshold_ms:g} ms: {truth.slow} to {most}, {logged.slow} logged"
