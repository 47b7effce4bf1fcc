"""Shared by the workshop's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from workshop import kernels


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter folder of its own in which the kernels are registered."""
    monkeypatch.setattr(kernels, "JUPYTER", tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    kernels.register()
    return tmp_path
