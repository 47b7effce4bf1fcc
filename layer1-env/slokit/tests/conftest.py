from pathlib import Path

import pytest
from hypothesis import settings
from made import Write

# A case may take as long as the machine needs: a busy one is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def log(tmp_path: Path) -> Write:
    """Writes lines to a file and gives its path."""

    def write(*lines: bytes, name: str = "access.log") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write
