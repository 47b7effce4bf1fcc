from pathlib import Path

import pytest
from made import Write


@pytest.fixture
def log(tmp_path: Path) -> Write:
    """Writes lines to a file and gives its path."""

    def write(*lines: bytes, name: str = "access.log") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write
