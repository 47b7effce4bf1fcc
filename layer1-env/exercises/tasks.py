"""The questions, and how each answer is found; read the lesson first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from packaging.tags import cpython_tags
from packaging.utils import parse_wheel_filename
from publish.version import least

from layerctl.environments import UV_HOME
from layerctl.errors import MissingError
from tinywheel import wheel

UV = str(UV_HOME / "bin/uv")
OFFLINE = {"UV_OFFLINE": "1", "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}


def run(*words: str | Path, cwd: Path, **env: str) -> str:
    """What a command prints, errors included; it may fail."""
    given = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    done = subprocess.run(
        words, cwd=cwd, env=given | OFFLINE | env, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip()


def environment(work: Path) -> Path:
    """An empty environment."""
    run(UV, "venv", "-q", "--python", sys.executable, "env", cwd=work)
    return work / "env/bin/python"


def install(work: Path, *words: str) -> str:
    """Install from the wheels that the task made."""
    place = ("--no-index", "--find-links", "wheels", "--no-cache")
    return run(UV, "pip", "install", "-q", "--python", "env", *place, *words, cwd=work)


def c1_1(work: Path) -> str:
    """demo 1.0 and 2.0 exist; `early` needs demo<2, `late` needs demo>=2.

    In one environment you install early, then late, each without a complaint. Which version of
    demo is there?
    """
    for version in ("1.0", "2.0"):
        wheel(work / "wheels", "demo", version)
    wheel(work / "wheels", "early", "1", needs=["demo<2"])
    wheel(work / "wheels", "late", "1", needs=["demo>=2"])
    python = environment(work)
    install(work, "early")
    install(work, "late")
    return run(python, "-c", "import demo; print(demo.VERSION)", cwd=work)


def c1_2(work: Path) -> str:
    """Which file must you delete from a venv, so that its python no longer belongs to it?"""
    python = environment(work)
    for file in (p for p in (work / "env").iterdir() if p.is_file()):
        file.rename(work / "aside")
        if run(python, "-c", "import sys; print(sys.prefix)", cwd=work) != str(work / "env"):
            return file.name
        (work / "aside").rename(file)
    return "none"


def c1_3(work: Path) -> str:
    """core 1, 2, 3 exist. web 5 needs core>=3, web 4 needs core>=2, web 3 needs core.

    You want web and report, and report needs core<3. Which version of web does the resolver take?
    """
    for core in ("1", "2", "3"):
        wheel(work / "wheels", "core", core)
    for web, need in (("5", "core>=3"), ("4", "core>=2"), ("3", "core")):
        wheel(work / "wheels", "web", web, needs=[need])
    wheel(work / "wheels", "report", "1", needs=["core<3"])
    (work / "in").write_text("web\nreport\n")
    place = ("--no-index", "--find-links", "wheels", "--no-header", "--no-annotate")
    lines = run(UV, "pip", "compile", "-q", *place, "in", cwd=work).splitlines()
    return next(line for line in lines if line.startswith("web")).partition("==")[2]


def c1_4(_: Path) -> str:
    """CPython 3.12 runs on Linux x86-64, and two wheels are offered.

    Does it take demo-1-cp313-cp313-manylinux_2_17_x86_64.whl, and does it take
    demo-1-cp39-abi3-manylinux_2_17_x86_64.whl?
    Two words: yes or no.
    """
    takes = set(cpython_tags((3, 12), platforms=["manylinux_2_17_x86_64"]))
    names = ("cp313-cp313", "cp39-abi3")
    wheels = [parse_wheel_filename(f"demo-1-{n}-manylinux_2_17_x86_64.whl")[3] for n in names]
    return " ".join("yes" if tags & takes else "no" for tags in wheels)


def c1_5(work: Path) -> str:
    """pyenv global says a, the folder's .python-version says b, the shell has PYENV_VERSION=c.

    All three are installed. Which one does python mean?
    """
    pyenv = shutil.which("pyenv") or str(Path.home() / ".pyenv/bin/pyenv")
    if not Path(pyenv).exists():
        raise MissingError("this exercise needs pyenv", "see github.com/pyenv/pyenv")
    for name in "abc":
        (work / "root/versions" / name / "bin").mkdir(parents=True)
    (work / "root/version").write_text("a\n")
    (work / ".python-version").write_text("b\n")
    env = {"PYENV_ROOT": str(work / "root"), "PYENV_VERSION": "c"}
    return run(pyenv, "version-name", cwd=work, **env)


def c1_6(work: Path) -> str:
    """The same Poetry project lies in two folders.

    You run poetry install in both, with the default settings. How many environments are there?
    """
    code = (
        "from poetry.utils.env import EnvManager as M; import sys; "
        "print(len({M.generate_env_name('demo', folder) for folder in sys.argv[1:]}))"
    )
    return run(sys.executable, "-c", code, "one", "two", cwd=work)


def c1_7(work: Path) -> str:
    """PATH is a/bin:b/bin.

    You activate the environment env, then write PATH=c/bin:$PATH. All four have a python. In
    which folder is the one that runs: a, b, c or env?
    """
    environment(work)
    for name in "abc":
        (work / name / "bin").mkdir(parents=True)
        (work / name / "bin/python").symlink_to(sys.executable)
    script = "PATH=$PWD/a/bin:$PWD/b/bin:$PATH; . env/bin/activate; PATH=$PWD/c/bin:$PATH"
    found = run("bash", "--norc", "-c", f"{script}; command -v python", cwd=work)
    return Path(found).relative_to(work).parts[0]


def c1_8(work: Path) -> str:
    """tool is installed editable at version 1.0.

    You write 2.0 into its pyproject.toml, and nothing else. Which version does importlib.metadata
    tell?
    """
    source = work / "source"
    (source / "tool").mkdir(parents=True)
    (source / "tool/__init__.py").touch()
    text = (
        '[project]\nname = "tool"\nversion = "1.0"\n'
        '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
    )
    (source / "pyproject.toml").write_text(text)
    python = environment(work)
    words = (UV, "pip", "install", "-q", "--python", "env", "--no-build-isolation", "--no-deps")
    backend = next(p for p in sys.path if p.endswith("site-packages"))
    run(*words, "--editable", "source", cwd=work, PYTHONPATH=backend)
    (source / "pyproject.toml").write_text(text.replace("1.0", "2.0"))
    code = "import importlib.metadata as m; print(m.version('tool'))"
    return run(python, "-c", code, cwd=work)


def c1_9(_: Path) -> str:
    """You remove a public function from a library.

    Which version comes after 1.4.2, and which would come after 0.4.2?
    """
    return f"{least('1.4.2', 'major')} {least('0.4.2', 'major')}"


def c1_10(work: Path) -> str:
    """A requirements file has two packages; one line has a hash, the other has none.

    You install it with --require-hashes. How many packages are installed?
    """
    wheel(work / "wheels", "demo", "1")
    wheel(work / "wheels", "other", "1")
    python = environment(work)
    (work / "list").write_text(f"demo==1 --hash=sha256:{'0' * 64}\nother==1\n")
    install(work, "--require-hashes", "-r", "list")
    code = "import importlib.metadata as m; print(len(list(m.distributions())))"
    return run(python, "-I", "-c", code, cwd=work)


TASKS: dict[str, Callable[[Path], str]] = {
    f"c1.{number}": globals()[f"c1_{number}"] for number in range(1, 11)
}


def question(name: str) -> str:
    """A question, as one paragraph."""
    return " ".join((TASKS[name].__doc__ or "").split())


def solve(name: str) -> str:
    """The right answer, found by doing what the question says."""
    with tempfile.TemporaryDirectory() as folder:
        return TASKS[name](Path(folder).resolve())
