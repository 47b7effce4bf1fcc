"""One Spark session: local by default, on a cluster by ``HOP_SPARK_MASTER``, kept by request.

PySpark is imported inside the functions: a run that needs no Spark must not pay for it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

from hop_etl import archive, kubernetes
from hop_etl.errors import EtlError
from hop_etl.java import find_java, java_home
from hop_etl.rundir import run_dir

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Marks the sessions made here, which alone stop() may stop.
OWNER = "spark.hop.owner"
# A JVM that writes a class archive at its end takes some seconds more.
STOP_WITHIN_S = 120.0
# Java compiles fast instead of well: for programs that do little.
QUICK = "-XX:TieredStopAtLevel=1"
# Java's good compiler takes only what is used ten times as often as usual: of what a short job
# touches, it would otherwise compile thousands of methods that are hardly used again.
LATE = " ".join(
    f"-XX:Tier4{what}Threshold={number}"
    for what, number in (
        ("Invocation", 50_000),
        ("MinInvocation", 6_000),
        ("Compile", 150_000),
        ("BackEdge", 400_000),
    )
)


def session(
    master: str | None = None, *, app: str = "hop-etl", quick: bool = False
) -> "SparkSession":
    """A session on ``master``, on ``HOP_SPARK_MASTER``, or on all cores of this machine.

    A session that is already there (a Databricks notebook's) is taken as it is.
    ``KEEP_SPARK=1`` keeps the local one as a Spark Connect server for the next run.
    ``HOP_SPARK_MEMORY`` is the heap of the driver and of each executor (1g, which is Spark's
    own default; 2 million lines were run with it), ``HOP_SPARK_UI=1`` opens Spark's pages,
    ``HOP_SPARK_EVENTS`` is a folder for Spark's event log. ``quick`` is for small inputs: Java
    compiles fast instead of well. Before the strict pattern 20,000 lines took 12 instead of 22 s
    of processor time, and 1,000,000 were even; with it they take 36 instead of 45 on a machine
    with much other work.

    Raises:
        MissingProgram: no Java that Spark supports, or no Spark Connect in this environment.
        EtlError: Spark does not start, for example because its JVM refuses an option.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    master = master or os.environ.get("HOP_SPARK_MASTER") or ""
    if not master and (active := SparkSession.getActiveSession()) is not None:
        return active
    if os.environ.get("KEEP_SPARK") == "1" and master in ("", "local[*]"):
        from hop_etl import connect

        return connect.session(app=app)
    prepare_environment(master)
    builder = SparkSession.builder.appName(app).master(master or "local[*]")
    chosen = settings(master)
    for who, option in compiling(master, quick=quick).items():
        options = f"spark.{who}.extraJavaOptions"
        chosen[options] = f"{chosen.get(options, '')} {option}".strip()
    for key, value in chosen.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        raise EtlError(
            f"Spark does not start: {str(error).strip().splitlines()[0]}",
            hint="HOP_SPARK_LOG=info says more; java's own words stand above",
        ) from error


def stop(spark: "SparkSession") -> None:
    """Stop a session made here and wait until its JVM is gone; leave any other one alone."""
    from pyspark import SparkContext

    if spark.conf.get(OWNER, "") != str(os.getpid()):
        return
    gateway = SparkContext._gateway
    spark.stop()
    if gateway is None:
        return
    # PySpark keeps the JVM for a next session until Python exits. Its end is the end of
    # its standard input; that is also why a killed Python leaves no JVM behind.
    process = gateway.proc
    gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None
    if process is not None and process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(STOP_WITHIN_S)
        except TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(
    master: str | None = None, *, app: str = "hop-etl", quick: bool = False
) -> Iterator["SparkSession"]:
    """``session`` for a ``with`` statement: stopped at its end, whatever happened."""
    spark = session(master, app=app, quick=quick)
    try:
        yield spark
    finally:
        stop(spark)


def prepare_environment(master: str = "") -> None:
    """Set what Spark's scripts read: this Python, a Java, and no one else's Spark."""
    import pyspark

    os.environ["JAVA_HOME"] = str(java_home(find_java()))
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    # A Spark of another version in the environment would be started by these jars' client.
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    # The launcher is a JVM of its own that only assembles the command line.
    os.environ.setdefault("SPARK_LAUNCHER_OPTS", f"{QUICK} -XX:+UseSerialGC")
    if on_this_machine(master):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        for name in ("SPARK_CONF_DIR", "HADOOP_CONF_DIR", "YARN_CONF_DIR"):
            os.environ.pop(name, None)


def on_this_machine(master: str) -> bool:
    """Whether ``master`` needs no address but the loopback one."""
    return local(master) or "//127.0.0.1:" in master


def compiling(master: str, *, quick: bool) -> dict[str, str]:
    """How Java compiles, by ``driver`` and ``executor``; who is not named keeps Java's own way.

    Executors of a cluster may have hours before them, for which late compiling would be wrong.
    """
    if quick:
        return {"driver": QUICK, "executor": QUICK}
    return {"driver": LATE} if local(master) else {}


def local(master: str) -> bool:
    """Whether the driver's JVM does all of the work."""
    return not master or master.startswith("local")


def settings(master: str = "") -> dict[str, str]:
    """The configuration of a session on ``master``."""
    scratch = run_dir() / "spark"
    scratch.mkdir(parents=True, exist_ok=True)
    chosen = {
        OWNER: str(os.getpid()),
        "spark.driver.memory": os.environ.get("HOP_SPARK_MEMORY") or "1g",
        "spark.driver.extraJavaOptions": java_options(scratch),
        "spark.local.dir": str(scratch),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
        "spark.ui.enabled": "true" if os.environ.get("HOP_SPARK_UI") == "1" else "false",
        "spark.ui.showConsoleProgress": "false",
        # Else every column says to the JVM from which line of Python it comes: twice the calls.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
    }
    if on_this_machine(master):
        chosen |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if events := os.environ.get("HOP_SPARK_EVENTS"):
        # One plain file: for counting who did what, and for Spark's history server.
        chosen |= {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": Path(events).absolute().as_uri(),
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.compress": "false",
        }
    if kubernetes.is_driver(master):
        chosen |= kubernetes.settings(master)
    if master.startswith(("spark://", kubernetes.SCHEME)):
        # The archive is this machine's, and an executor in a pod is not here.
        here = on_this_machine(master) and not master.startswith(kubernetes.SCHEME)
        classes = archive.options(find_java()) if here else []
        chosen |= {
            "spark.executor.memory": os.environ.get("HOP_SPARK_MEMORY") or "1g",
            "spark.executor.extraJavaOptions": quoted("-XX:+UseParallelGC", *classes),
            # Wait for all executors: the first one there would do everything alone.
            "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        }
    if local(master):
        # The default of 200 is for clusters; more tasks than cores are overhead here.
        cores = os.cpu_count() or 1
        chosen["spark.sql.shuffle.partitions"] = str(cores)
        # Else a log of some hundred MB makes shares of 128 MB and a rest, for which one core waits.
        chosen["spark.sql.files.minPartitionNum"] = str(4 * cores)
        # No join and no small partition for which a new plan after each stage would pay.
        chosen["spark.sql.adaptive.enabled"] = "false"
    return chosen


def java_options(scratch: Path) -> str:
    """Options of the driver's JVM."""
    log4j = Path(str(files("hop_etl") / "log4j2.properties")).as_uri()
    options = [
        # Java 25 before 25.0.3 corrupts data under G1, its default (SPARK-55852).
        "-XX:+UseParallelGC",
        f"-Dlog4j2.configurationFile={log4j}",
        f"-Djava.io.tmpdir={scratch}",
        *archive.options(find_java()),
    ]
    return quoted(*options)


def quoted(*options: str) -> str:
    """Java options as Spark splits them."""
    return " ".join(f'"{option}"' for option in options)
