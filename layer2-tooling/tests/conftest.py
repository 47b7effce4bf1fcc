"""Shared by the tests of layer 2."""

from __future__ import annotations

import pytest
from proof.docker import build


@pytest.fixture(scope="session")
def image() -> str:
    """hop's image of today's files."""
    return build()
