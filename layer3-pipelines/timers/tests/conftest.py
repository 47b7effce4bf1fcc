"""One host and one telling of the story for all tests of this folder."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYER3 = Path(__file__).resolve().parents[2]
for folder in (LAYER3, LAYER3.parent / "layer2-tooling/layerctl/src"):
    sys.path.insert(0, str(folder))

from timers import story  # noqa: E402
from timers.host import Host  # noqa: E402

from layerctl import engines  # noqa: E402


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    if reason := engines.absent("docker"):
        pytest.skip(reason)
    with story.host() as made:
        yield made


@contextlib.contextmanager
def unnamed(_: str) -> Iterator[list[str]]:
    yield []


@pytest.fixture(scope="session")
def seen(host: Host) -> story.Observed:
    return story.observe(host, unnamed)
