"""Files and programs of the main job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layerctl.paths import ROOT, RUN, VENV

OBJECTIVES = ROOT / "layer5-sre/slo/objectives.json"
ENVIRONMENTS = ("slokit", "api", "etl")


def program(project: str, name: str) -> str:
    """The path of a command in a project's environment."""
    return str(VENV / project / "bin" / name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run keeps its files; a drill has a place of its own."""

    home: Path

    @property
    def hop(self) -> Path:
        """This run's database, access logs and ground truths; `make serve` has its own."""
        return self.home / "traffic"

    @property
    def tables(self) -> Path:
        """The link to the current version of the tables."""
        return self.home / "tables"

    @property
    def reference(self) -> Path:
        """What slokit computed from the same logs."""
        return self.home / "slokit.json"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.home / "report/index.html"

    def log(self, release: str) -> Path:
        """The access log of a release."""
        return self.hop / f"access-{release}.jsonl"

    def truth(self, release: str) -> Path:
        """What was sent to a release and how it answered."""
        return self.hop / f"truth-{release}.json"


MAIN = Place(RUN)
