"""pytest plugin (``-p layerctl.engine_plugin``): a test says by a marker which engine it needs.

Without a marker it needs none and is ``native``. A test whose engine is not here is skipped with
the reason and the command that would enable it; the JUnit report carries the engine of each test.
"""

from __future__ import annotations

import os

import pytest

from layerctl import engines


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; make the programs that `make engines` built visible."""
    for name in engines.PROBES:
        config.addinivalue_line("markers", f"{name}: runs on the engine {name}")
    os.environ.update(engines.environment())


# First: `-m native` selects by markers that are added here.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark, and skip where the engine is absent."""
    for item in items:
        needed = [name for name in engines.PROBES if item.get_closest_marker(name)] or ["native"]
        item.add_marker(needed[0])
        item.user_properties.append(("engine", needed[0]))
        for reason in filter(None, map(engines.absent, needed)):
            item.add_marker(pytest.mark.skip(reason=reason))
