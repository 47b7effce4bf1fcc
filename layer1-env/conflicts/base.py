"""The lab before it is broken: a project, a real environment for it, and a shell's settings."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tinywheel
from layerctl.paths import RUN

LABS = Path(os.environ.get("CONFLICTS_LAB") or RUN / "layer1/lab")
# Variables of the reader's own shell must not decide what the lab shows.
FOREIGN = (
    "PYTHONHOME PYTHONPATH PYTHONUSERBASE PYTHONNOUSERSITE PYENV_VERSION PYENV_ROOT "
    "PYENV_DIR CONDA_PREFIX JUPYTER_PATH JUPYTER_DATA_DIR"
)
APP = """import random
import labgreet

random.seed(1)
print(labgreet.hello(), labgreet.VERSION)
"""
HELLO = '\n\ndef hello():\n    return "hello"\n'
VERSION_PROBE = "import sys, venv; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True, slots=True)
class Lab:
    """One scenario's folder; ``folder`` is absolute."""

    folder: Path

    @property
    def app(self) -> Path:
        """The environment of the project."""
        return self.folder / "app"

    @property
    def project(self) -> Path:
        """Where the reader stands."""
        return self.folder / "project"

    @property
    def site(self) -> Path:
        """Where the environment keeps its packages."""
        return site(self.app)

    def setting(self, line: str) -> None:
        """Add a line to the shell's settings."""
        with (self.folder / "env.sh").open("a") as file:
            file.write(line + "\n")


def site(venv: Path) -> Path:
    """The site-packages of an environment."""
    return next(venv.glob("lib/python*/site-packages"))


def wheel(folder: Path, version: str) -> Path:
    """A wheel of the small package that the project needs."""
    return tinywheel.wheel(folder, "labgreet", version, more=HELLO)


def unpack(package: Path, target: Path) -> None:
    """Install a pure wheel, which is to unpack it."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(target)


def venv(folder: Path, *, python: str = sys.executable, pip: bool = True) -> Path:
    """An environment; its pip is linked from one that was made once, which takes seconds."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    if pip:
        template = LABS / ".template"
        if not (template / "bin/pip").exists():
            shutil.rmtree(template, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", template], check=True)
        for source in site(template).glob("pip*"):
            shutil.copytree(source, site(folder) / source.name, copy_function=os.link)
        script = (template / "bin/pip").read_text().replace(str(template), str(folder))
        (folder / "bin/pip").write_text(script)
        (folder / "bin/pip").chmod(0o755)
    return folder


def build(lab: Lab) -> None:
    """Make the healthy lab."""
    lab.project.mkdir(parents=True)
    (lab.project / "app.py").write_text(APP)
    venv(lab.app)
    unpack(wheel(lab.folder / "wheels", "1.0"), lab.site)
    app = shlex.quote(str(lab.app))
    lab.setting(f"unset {FOREIGN}")
    lab.setting(f"export VIRTUAL_ENV={app}\nexport PATH={app}/bin:/usr/bin:/bin")


def others() -> Iterator[str]:
    """Real interpreters of other minor versions on this machine, the newest first."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for number in range(20, 7, -1):
        path = shutil.which(f"python3.{number}", path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
        path = path or next(map(str, root.glob(f"versions/3.{number}.*/bin/python3")), None)
        if path is None:
            continue
        done = subprocess.run(
            [path, "-c", VERSION_PROBE], capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and done.stdout.strip() != mine:
            yield path
