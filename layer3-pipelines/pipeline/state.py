"""What one stage tells the next: a small JSON file, so that any runner can carry it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from layerctl.errors import LayerctlError


@dataclass(frozen=True, slots=True)
class Release:
    """A build that can be deployed.

    Attributes:
        image: ``repository@sha256:...``, by which it is pulled.
        image_id: the id that Docker gave it when it was built.
    """

    commit: str
    image: str
    image_id: str

    @property
    def name(self) -> str:
        """What hop calls itself."""
        return self.commit[:12]


@dataclass(slots=True)
class State:
    """One run of the pipeline."""

    commit: str
    tag: str = ""
    image_id: str = ""
    image: str = ""
    previous: Release | None = None
    passed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: str = ""

    @property
    def release(self) -> Release:
        """What this run built."""
        return Release(self.commit, self.image, self.image_id)


def write(path: Path, record: Any) -> None:
    """Write JSON; the file is whole or absent, never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")
    partial.replace(path)


def _release(record: dict[str, str] | None) -> Release | None:
    return Release(**record) if record else None


def read(path: Path) -> State:
    """The state of the run.

    Raises:
        LayerctlError: there is none, or it is not ours.
    """
    try:
        record = json.loads(path.read_text("utf-8"))
        return State(**(record | {"previous": _release(record["previous"])}))
    except FileNotFoundError:
        raise LayerctlError(
            f"no run of the pipeline is under way: {path} is missing",
            "layer3-pipelines/bin/pipeline test",
        ) from None
    except (ValueError, TypeError, KeyError) as error:
        raise LayerctlError(f"{path} is not a run's state: {error}", f"rm '{path}'") from None


def live(path: Path) -> Release | None:
    """What was promoted last; None before the first time."""
    try:
        return _release(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
