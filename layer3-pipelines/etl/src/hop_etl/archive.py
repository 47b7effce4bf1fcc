"""A class archive for Spark's JVM: about 4 of the 11 seconds of a small run are class loading.

``python -m hop_etl.archive`` makes it once (about 25 s, 200 MB); every later session maps it.
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
    """Use once what the ETL uses; the JVM writes the archive when it ends."""
    from pyspark.sql import functions as F

    from hop_etl.spark import running

    log, table = scratch / "log", str(scratch / "table")
    log.write_text('{"n": "1", "t": "2026-11-23T10:00:00Z"}\nx\n', encoding="utf-8")
    with running(app="class archive") as spark:
        line = spark.read.text(str(log), lineSep="\n").withColumn("file", F.input_file_name())
        word = F.regexp_extract("value", '"n": "([0-9]+)"', 1)
        told = F.from_json("value", "n string, t string")
        rows = line.select(
            word.try_cast("long").alias("n"), F.try_to_timestamp(told.t).alias("t"), "file"
        )
        counts = rows.groupBy("n", F.window("t", "300 seconds").start.alias("start")).agg(
            F.count("*").alias("lines"), F.countDistinct("file").alias("files")
        )
        counts.write.partitionBy("n").parquet(table)
        spark.read.parquet(table).orderBy("n").collect()


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train(Path(sys.argv[2]))
    else:
        print(make())
