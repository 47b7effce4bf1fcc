"""One target for all tests of this folder: a first release, then a good one, put out under load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYER3 = Path(__file__).resolve().parents[2]
for folder in (LAYER3, LAYER3.parent / "layer2-tooling/layerctl/src"):
    sys.path.insert(0, str(folder))

from pipeline import story  # noqa: E402
from pipeline.place import Place  # noqa: E402
from pipeline.story import Delivered  # noqa: E402
from pipeline.target import target  # noqa: E402

from layerctl import environments  # noqa: E402
from layerctl.paths import RUN  # noqa: E402


@pytest.fixture(scope="session")
def delivered() -> Iterator[Delivered]:
    """Fails where a good commit is not live, or where something else runs than was built."""
    environments.setup(["api"], level="run", check=False)
    place = Place(RUN / "delivery-test")
    at = story.fresh(place)
    try:
        first = story.passed(at.push(), place)
        with story.loaded(target(place)) as tally:
            at.change("good")
            push = at.push()
        yield Delivered(place, at, first, story.passed(push, place), push, tally)
    finally:
        if (place.home / "env").exists():
            target(place).stack.down()
