"""The main job and layerctl are run from the checkout, as make does; one fresh copy serves all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

LAYER3 = Path(__file__).resolve().parents[1]
for folder in (LAYER3, LAYER3.parent / "layer2-tooling/layerctl/src"):
    sys.path.insert(0, str(folder))

from layerctl.environments import uv_environment  # noqa: E402 - found by the lines above
from layerctl.paths import ROOT, RUN  # noqa: E402

Done = subprocess.CompletedProcess[str]


def environment() -> dict[str, str]:
    """What a newcomer has, plus our own cache and interpreter, so that nothing is fetched twice."""
    return {
        "HOME": os.environ["HOME"],
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "UV_CACHE_DIR": uv_environment()["UV_CACHE_DIR"],
        "SIX_LAYERS_PYTHON": (RUN / "python").read_text().strip(),
    }


@dataclass
class Newcomer:
    """Types commands in a copy of the checkout that nothing has run in."""

    clone: Path
    typed: dict[str, Done] = field(default_factory=dict)

    def type(self, command: str) -> Done:
        """Run a command; what has been typed before is not run again, only told."""
        if command not in self.typed:
            self.typed[command] = self.run(command)
        return self.typed[command]

    def run(self, command: str) -> Done:
        """Run a command, now."""
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.clone,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


@pytest.fixture(scope="session")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """The copy lies in a folder with a space and an umlaut, which would trip Spark and shells."""
    target = tmp_path_factory.mktemp("readme") / "my köln clone"
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return Newcomer(target)
