"""Read the part of OpenSLO v1 that we use, and refuse the rest.

The specification leaves room (calendar windows, time slices, raw ratios). A key that
we would silently ignore is an error here: an objective that is not applied looks
exactly like one that is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from objective import Slo, slo
from reading import SloError, documents, fields, name_of


@dataclass(frozen=True, slots=True)
class Service:
    """What is promised about; ``annotations`` carry what OpenSLO has no field for."""

    name: str
    annotations: Mapping[str, str]


def load(path: Path) -> tuple[list[Service], list[Slo]]:
    """The services and objectives of one file.

    Raises:
        SloError: not readable, not YAML, or not OpenSLO v1 as we use it.
    """
    services: list[Service] = []
    slos: list[Slo] = []
    for number, document in enumerate(documents(path), 1):
        where = f"document {number}"
        fields(document, where, ("apiVersion", "kind", "metadata", "spec"))
        if document["apiVersion"] != "openslo/v1":
            raise SloError(f"{where}: apiVersion is {document['apiVersion']!r}, not 'openslo/v1'")
        match document["kind"]:
            case "Service":
                services.append(_service(document, where))
            case "SLO":
                slos.append(slo(document, where))
            case kind:
                raise SloError(f"{where}: kind {kind!r} is not one we read (Service, SLO)")
    return services, slos


def _service(document: Any, where: str) -> Service:
    name = name_of(document["metadata"], where)
    fields(document["spec"], f"Service {name} spec", (), ("description",))
    annotations = document["metadata"].get("annotations", {})
    if not all(isinstance(text, str) for pair in annotations.items() for text in pair):
        raise SloError(f"Service {name} annotations: keys and values must be strings")
    return Service(name, annotations)
