"""Where a pipeline keeps its files, and what the environment tells it.

PIPELINE_HOME        state, keys, logs and what is live; default ``.run/delivery``
PIPELINE_SOURCE      the checkout to test and to build; default this one
PIPELINE_COMMIT      the commit that it holds; default what git says
PIPELINE_REPOSITORY  the image's name, registry included; default ``hop`` in the local registry
PIPELINE_KEY         the signing key's file, mode 0600; default one made on the spot
PIPELINE_SIGNERS     public keys that deploy believes; default the one beside that key
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT, RUN


@dataclass(frozen=True, slots=True)
class Place:
    """One pipeline's files; a test and the proof have places of their own."""

    home: Path = RUN / "delivery"
    source: Path = ROOT

    @property
    def run(self) -> Path:
        """What the current run hands from stage to stage; CI keeps it as an artifact."""
        return self.home / "run"

    @property
    def state(self) -> Path:
        """What the stages know of the current run."""
        return self.run / "state.json"

    @property
    def sbom(self) -> Path:
        """The image's bill of materials."""
        return self.run / "sbom.cdx.json"

    @property
    def statement(self) -> Path:
        """What was signed; its signature lies beside it."""
        return self.run / "statement.json"

    @property
    def live(self) -> Path:
        """The release that was promoted last."""
        return self.home / "live.json"

    @property
    def runs(self) -> Path:
        """The kept files of earlier runs."""
        return self.home / "runs"

    @property
    def key(self) -> Path:
        """The private key."""
        return Path(os.environ.get("PIPELINE_KEY") or self.home / "keys/signing")

    @property
    def signers(self) -> Path:
        """Who may sign, in the format of ssh-keygen(1)."""
        return Path(os.environ.get("PIPELINE_SIGNERS") or self.home / "keys/allowed_signers")


def here() -> Place:
    """The place that the environment names."""
    home = Path(os.environ.get("PIPELINE_HOME") or RUN / "delivery")
    return Place(home.resolve(), Path(os.environ.get("PIPELINE_SOURCE") or ROOT).resolve())


def commit(place: Place) -> str:
    """The commit that the source holds.

    Raises:
        LayerctlError: nobody says so, and git does not know.
    """
    if given := os.environ.get("PIPELINE_COMMIT"):
        return given
    command = ["git", "-C", str(place.source), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"{place.source} is no git checkout", "set PIPELINE_COMMIT")
    return done.stdout.strip()
