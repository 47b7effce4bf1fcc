"""The generated twin of the OpenSLO file: objectives as JSON, so that no YAML is needed here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from .budget import Objective
from .burn import DEFAULT_BURN, BurnWindow
from .errors import ObjectiveError
from .sli import THRESHOLD_MS

SLIS = ("availability", "latency")


@dataclass(frozen=True, slots=True)
class Service:
    """What a service promises: objectives by SLI, the latency threshold in ms, the burn windows."""

    name: str
    objectives: dict[str, Objective]
    threshold_ms: float = THRESHOLD_MS
    burn: tuple[BurnWindow, ...] = DEFAULT_BURN

    @property
    def window(self) -> timedelta:
        """The longest window of any objective."""
        return max(objective.window for objective in self.objectives.values())


def load(path: Path, *, service: str) -> Service:
    """Read one service from an ``objectives.json``.

    Raises:
        ObjectiveError: the file, the service or a number in it is not usable; says which.
    """
    try:
        services = json.loads(path.read_text(encoding="utf-8"))["services"]
    except OSError as error:
        raise ObjectiveError(f"cannot read objectives: {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ObjectiveError(
            f"{path} is no objectives file: want an object with services"
        ) from error
    if not isinstance(services, dict) or service not in services:
        known = ", ".join(services) if isinstance(services, dict) else "none"
        raise ObjectiveError(f"{path} has no service {service!r}; it has: {known or 'none'}")
    try:
        return _service(service, services[service])
    except ObjectiveError as error:
        raise ObjectiveError(f"{path}, service {service!r}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ObjectiveError(f"{path}, service {service!r}: bad or missing {error}") from error


def _service(name: str, entry: dict[str, Any]) -> Service:
    window = timedelta(seconds=entry["window_s"])
    found = entry["objectives"]
    objectives = {sli: Objective(found[sli]["target"], window) for sli in SLIS if sli in found}
    unknown = sorted(set(found) - set(SLIS))
    if unknown or not objectives:
        raise ObjectiveError(f"want objectives for {' or '.join(SLIS)}, got {unknown or 'none'}")
    threshold = float(found["latency"]["threshold_ms"]) if "latency" in found else THRESHOLD_MS
    burn = tuple(
        BurnWindow(
            pair["spent"],
            timedelta(seconds=pair["long_s"]),
            timedelta(seconds=pair["short_s"]),
            pair["severity"],
        )
        for pair in entry.get("burn", ())
    )
    return Service(name, objectives, threshold, burn or DEFAULT_BURN)
