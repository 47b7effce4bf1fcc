"""A class archive for Spark's JVM: about 4 of the 11 seconds of a small run are class loading.

``python -m hop_etl.archive`` makes it once (half a minute, 200 MB); every later session maps it,
and so do the daemons and executors of a cluster on this machine.
Java checks it against its own version and the jars, and ignores it when they differ.
"""

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from hop_etl.java import Java, find_java, java_home
from hop_etl.rundir import home_dir

TRAINING = "HOP_CLASS_ARCHIVE"
BASE, SPARK = "java.jsa", "spark.jsa"
# Without it Java 25 talks about options that differ from the dump's.
QUIET = "-Xlog:disable"
LIMIT_S = 300.0
HOP_LINE = (
    '{"v":1,"ts":"2026-11-23T10:00:00.000Z","request_id":"r","method":"GET","route":"/{slug}",'
    '"path":"/abc","status":307,"duration_ms":3.5,"bytes_out":0,"slug":"abc","client":"c1",'
    '"user_agent":"t","referer":null,"trace_id":null,"release":"1.0.0","colour":null}'
)
COMMON_LINE = '192.0.2.1 - - [23/Nov/2026:10:00:00 +0000] "GET /abc HTTP/1.1" 200 12'


def folder(java: Java) -> Path:
    """Where the archives of this Java and this environment stand."""
    key = sha256(f"{java.home}\0{java.version}\0{sys.prefix}".encode()).hexdigest()[:8]
    return home_dir() / "java" / f"classes-{java.version}-{key}"


def options(java: Java) -> list[str]:
    """JVM options that use the archive, or in a training run those that write it."""
    base, made = folder(java) / BASE, folder(java) / SPARK
    if training := os.environ.get(TRAINING):
        return [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={training}", QUIET]
    return [f"-XX:SharedArchiveFile={base}:{made}", QUIET] if made.is_file() else []


def made() -> bool:
    """Whether the archive for the Java that Spark would use is there."""
    return (folder(find_java()) / SPARK).is_file()


def make() -> Path:
    """Archive Java's own classes (the wheel's Java comes without), then those of a small job.

    Raises:
        MissingProgram: no Java that Spark supports.
        subprocess.SubprocessError: a JVM failed or took more than ``LIMIT_S`` seconds.
    """
    java = find_java()
    wanted = folder(java)
    wanted.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wanted) as scratch:
        base, made = Path(scratch) / BASE, Path(scratch) / SPARK
        dump = [f"-XX:SharedArchiveFile={base}", "-Xshare:dump", "-XX:+UseParallelGC", QUIET]
        _run([str(java_home(java) / "bin" / "java"), *dump])
        # The second archive names the first by its path: it has to be in its place by then.
        base.replace(wanted / BASE)
        _run(
            [sys.executable, "-m", "hop_etl.archive", "train", scratch],
            {TRAINING: str(made), "KEEP_SPARK": "0", "HOP_SPARK_MASTER": ""},
        )
        made.replace(wanted / SPARK)
    return wanted / SPARK


def _run(command: list[str], more: dict[str, str] | None = None) -> None:
    subprocess.run(
        command,
        env=os.environ | (more or {}),
        stdout=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=True,
    )


def train(scratch: Path) -> None:
    """Run the job on lines that take each of its ways; the JVM writes the archive when it ends."""
    from hop_etl.run import run

    own, foreign = scratch / "own.log", scratch / "foreign.log"
    own.write_text(f"{HOP_LINE}\n{HOP_LINE[:40]}\n", encoding="utf-8")
    foreign.write_text(f"{COMMON_LINE}\n", encoding="utf-8")
    run([str(own), str(foreign)], scratch / "tables")


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train(Path(sys.argv[2]))
    else:
        print(make())
