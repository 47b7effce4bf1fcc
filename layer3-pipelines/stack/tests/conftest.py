"""One stack a session for all tests that need it: full, with small disks, on free ports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYER3 = Path(__file__).resolve().parents[2]
for folder in (LAYER3, LAYER3.parent / "layer2-tooling/layerctl/src"):
    sys.path.insert(0, str(folder))

from stack import observe, order, run  # noqa: E402
from stack.compose import NAME, Stack, prepare  # noqa: E402

from layerctl.paths import RUN  # noqa: E402 - the path is set above

# Generous, because a test must not measure how busy the machine is; `make compose` measures.
ORDER_LIMIT_S = 300.0


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Started in no order, with a database that is late; then all of it healthy."""
    made = prepare(
        profiles=("full",),
        name=f"{NAME}-test",
        home=RUN / "compose-test",
        more=(observe.SMALL,),
        usual_ports=False,
    )
    made.down()
    try:
        order.late_database(made, late_s=10, limit_s=ORDER_LIMIT_S)
        run.up(made)
        yield made
    finally:
        made.down()
