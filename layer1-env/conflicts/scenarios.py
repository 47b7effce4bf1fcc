"""One function a scenario: each leaves the lab's project broken in its own way.

The name is the cause that ``layerctl which-python`` names, with dashes.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from conflicts.base import Lab, others, unpack, venv, wheel
from layerctl.errors import MissingError


def another() -> str:
    """A second real interpreter.

    Raises:
        MissingError: this machine has only one.
    """
    for path in others():
        return path
    raise MissingError(
        "this scenario needs a second Python of another minor version", "pyenv install 3.12"
    )


def first(lab: Lab, folder: Path) -> None:
    """Put a folder at the front of PATH."""
    lab.setting(f"export PATH={shlex.quote(str(folder))}:$PATH")


def name_missing(lab: Lab) -> None:
    """Only python3 is there, and scripts say python."""
    (lab.app / "bin/python3").unlink()
    (lab.app / "bin/python3").symlink_to(sys.executable)
    (lab.app / "bin/python").unlink()


def not_activated(lab: Lab) -> None:
    """The prompt says one environment; another one is first on PATH."""
    first(lab, venv(lab.folder / "old") / "bin")


def pip_mismatch(lab: Lab) -> None:
    """A pip of another environment is first on PATH."""
    other, tools = venv(lab.folder / "tools"), lab.folder / "bin"
    tools.mkdir()
    (tools / "pip").symlink_to(other / "bin/pip")
    first(lab, tools)


def no_pip(lab: Lab) -> None:
    """The environment was made without pip, as uv does."""
    for path in [*lab.site.glob("pip*"), lab.app / "bin/pip"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def dead_shebang(lab: Lab) -> None:
    """The environment was moved; its scripts still name the old place."""
    moved = lab.folder / "moved"
    lab.app.rename(moved)
    lab.setting(f"export VIRTUAL_ENV={shlex.quote(str(moved))}")
    first(lab, moved / "bin")


def dangling_link(lab: Lab) -> None:
    """The interpreter of the environment was removed, as an upgrade of a distribution does."""
    for path in lab.app.glob("bin/python*"):
        path.unlink()
        path.symlink_to(lab.folder / "gone/python3")


def venv_version(lab: Lab) -> None:
    """The interpreter was replaced by another minor version."""
    for path in lab.app.glob("bin/python*"):
        path.unlink()
        path.symlink_to(another())


def wrong_architecture(lab: Lab) -> None:
    """The interpreter is for another machine: EM_S390 (22) in its head."""
    real = Path(sys.executable).resolve()
    program = bytearray(real.read_bytes())
    program[18:20] = b"\x00\x16"
    for path in lab.app.glob("bin/python*"):
        path.unlink()
        path.write_bytes(program)
        path.chmod(0o755)


def pythonhome(lab: Lab) -> None:
    """PYTHONHOME points to a place without a standard library."""
    lab.setting(f"export PYTHONHOME={shlex.quote(str(lab.folder))}")


def pythonpath(lab: Lab) -> None:
    """An old copy of the package comes first."""
    unpack(wheel(lab.folder / "wheels", "0.9"), lab.folder / "old")
    lab.setting(f"export PYTHONPATH={shlex.quote(str(lab.folder / 'old'))}")


def shadowed_module(lab: Lab) -> None:
    """A file of the project has the name of a standard module."""
    (lab.project / "random.py").write_text("NUMBERS = [4, 8, 15]\n")


def user_site_leak(lab: Lab) -> None:
    """The environment sees an old package from ``pip install --user``, so its own is not there."""
    config = lab.app / "pyvenv.cfg"
    config.write_text(config.read_text().replace("packages = false", "packages = true"))
    for path in lab.site.glob("labgreet*"):
        shutil.rmtree(path)
    base = lab.folder / "user"
    version = lab.site.parent.name
    unpack(wheel(lab.folder / "wheels", "0.9"), base / f"lib/{version}/site-packages")
    lab.setting(f"export PYTHONUSERBASE={shlex.quote(str(base))}")


def foreign_extension(lab: Lab) -> None:
    """The package has a compiled part, built for another version of Python."""
    package = lab.site / "labgreet"
    with (package / "__init__.py").open("a") as file:
        file.write("\n\nfrom labgreet import _speed\n")
    name = "_speed.cpython-35m-x86_64-linux-gnu.so"
    (package / name).write_bytes(b"\x7fELF")
    # pip removes what is listed here, and nothing else.
    with next(lab.site.glob("labgreet-*.dist-info/RECORD")).open("a") as file:
        file.write(f"labgreet/{name},,\n")


def stale_editable(lab: Lab) -> None:
    """The package was installed editable, and its folder has moved."""
    shutil.rmtree(lab.site / "labgreet")
    source = lab.folder / "source/labgreet"
    (lab.site / "labgreet.pth").write_text(f"{source}\n")
    origin = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (next(lab.site.glob("labgreet-*.dist-info")) / "direct_url.json").write_text(json.dumps(origin))


def dead_kernel(lab: Lab) -> None:
    """The notebook's kernel starts an interpreter that was removed."""
    spec = lab.folder / "jupyter/kernels/lab/kernel.json"
    spec.parent.mkdir(parents=True)
    program = str(lab.folder / "old/bin/python")
    spec.write_text(json.dumps({"argv": [program, "-m", "ipykernel_launcher"]}, indent=1))
    lab.setting(f"export JUPYTER_PATH={shlex.quote(str(lab.folder / 'jupyter'))}")


def pyenv(lab: Lab) -> None:
    """A pyenv root of the lab's own: the environment and a second version, behind real shims."""
    program = shutil.which("pyenv") or str(Path.home() / ".pyenv/bin/pyenv")
    if not Path(program).exists():
        raise MissingError("this scenario needs pyenv", "see github.com/pyenv/pyenv")
    root = lab.folder / "pyenv"
    (root / "versions").mkdir(parents=True)
    (root / "versions/app").symlink_to(lab.app)
    (root / "versions/other").symlink_to(Path(another()).resolve().parents[1])
    (lab.project / ".python-version").write_text("app\n")
    lab.setting(f"unset VIRTUAL_ENV\nexport PYENV_ROOT={shlex.quote(str(root))}")
    lab.setting(f"export PATH={shlex.quote(str(root / 'shims'))}:/usr/bin:/bin")
    env = {"PATH": "/usr/bin:/bin", "PYENV_ROOT": str(root), "PYENV_VERSION": "app"}
    subprocess.run([program, "rehash"], env=env, check=True)


def pyenv_missing_version(lab: Lab) -> None:
    """The project asks pyenv for a version that is not installed."""
    pyenv(lab)
    (lab.project / ".python-version").write_text("3.99.0\n")


def pyenv_override(lab: Lab) -> None:
    """A variable of the shell overrules the project's version file."""
    pyenv(lab)
    lab.setting("export PYENV_VERSION=other")


SCENARIOS: dict[str, Callable[[Lab], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        name_missing,
        not_activated,
        pip_mismatch,
        no_pip,
        dead_shebang,
        dangling_link,
        venv_version,
        wrong_architecture,
        pythonhome,
        pythonpath,
        shadowed_module,
        user_site_leak,
        foreign_extension,
        stale_editable,
        dead_kernel,
        pyenv_missing_version,
        pyenv_override,
    )
}
