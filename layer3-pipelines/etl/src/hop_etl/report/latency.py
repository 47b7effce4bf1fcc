"""How long requests took, as slokit counted it in its pass over the logs.

The ``sli`` table knows only fast and slow. The shape of the distribution comes from slokit's
histogram, so that the ETL need not carry a table that only this page would read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Histogram:
    """Requests by duration: ``counts[i]`` took at most ``bounds_ms[i]``, the last one longer."""

    bounds_ms: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def timed(self) -> int:
        """Requests with a known duration."""
        return sum(self.counts)


def read(path: Path) -> Histogram | None:
    """The histogram in a JSON file, at the top or below the key ``latency_histogram``.

    None when that key is null: slokit has no histogram for a part of a log.

    Raises:
        InputError: no such file, or not a histogram.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        content = content.get("latency_histogram", content)
        if content is None:
            return None
        bounds = tuple(float(bound) for bound in content["buckets_ms"])
        counts = tuple(int(count) for count in content["counts"])
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror}", hint="slokit sli --json"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} holds no latency histogram: {error}", hint="slokit sli --json"
        ) from error
    ascending = all(low < high for low, high in pairwise(bounds))
    if not bounds or not ascending or len(counts) != len(bounds) + 1 or min(counts) < 0:
        raise InputError(
            f"{path} holds no latency histogram: wants ascending buckets and one count more",
            hint="slokit sli --json",
        )
    return Histogram(bounds, counts)
