"""The Spark part of a run: read lines, parse them once, write hours of tables."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Final

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hop_etl import layout, parse, transforms
from hop_etl.errors import EtlError
from hop_etl.manifest import Entry, Hour, Reject
from hop_etl.schemas import FACTS
from slokit.formats import MAX_LINE_OCTETS
from slokit.tables import sample_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CONF: Final = {
    "spark.sql.session.timeZone": "UTC",
    # INT96, the default, is read by few others.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # The JVM never compiles a method of over 8,000 bytes of code; the parser in one method is
    # larger. With this limit Spark makes several methods of it: half the time.
    "spark.sql.codegen.hugeMethodLimit": "8000",
}
PART: Final = "part"


@dataclass(frozen=True, slots=True)
class Logs:
    """Staged logs: those that begin as hop's own do, and all others."""

    own: list[Path]
    foreign: list[Path]


@contextmanager
def configured(spark: "SparkSession") -> Iterator[None]:
    """Our settings for as long as the job runs: the session may be someone else's.

    Raises:
        EtlError: Spark failed; a full disk is named as such.
    """
    before = {key: spark.conf.get(key, None) for key in _CONF}
    for key, value in _CONF.items():
        spark.conf.set(key, value)
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise _told(error) from error
    finally:
        for key, old in before.items():
            if old is None:
                spark.conf.unset(key)
            else:
                spark.conf.set(key, old)


def _told(error: Exception) -> EtlError:
    """What failed in Spark, in one line; the rest stays with the cause."""
    # Some of Spark's own errors cannot be turned into text.
    with suppress(Exception):
        text = str(error)
        if "No space left on device" in text:
            return EtlError("the disk is full; nothing was changed", hint="df -h")
        return EtlError(f"Spark failed: {text.strip().splitlines()[0]}; nothing was changed")
    return EtlError(f"Spark failed: {type(error).__name__}; nothing was changed")


def read_lines(spark: "SparkSession", paths: Iterable[Path]) -> DataFrame:
    r"""``value`` and ``input``, the number in the staged name. A line ends at ``\n`` only."""
    name = F.col("_metadata.file_name")
    return (
        spark.read.format("text")
        .schema("value string")
        .option("lineSep", "\n")
        .load([str(path) for path in paths])
        .select("value", F.substring(name, 1, 6).cast("int").alias("input"))
    )


def write_facts(
    spark: "SparkSession", logs: Logs, place: Path, *, window_s: int, threshold_ms: float
) -> DataFrame:
    """Parse the logs into facts on disk, and read those from now on.

    hop's own logs go through the strict pattern first; what it does not know, and all that
    others have written, through the whole parser.

    On disk and not in memory: a persisted frame outlives a killed run in a kept server.
    """
    facts = partial(transforms.facts, window_s=window_s, threshold_ms=threshold_ms)
    strict, whole = place / "strict", place / "whole"
    lines = [read_lines(spark, logs.foreign)] if logs.foreign else []
    if logs.own:
        # A line that is left for later is kept as its own sample.
        known = parse.strict(read_lines(spark, logs.own), transforms.FIELDS)
        strictly = facts(known, sample_octets=MAX_LINE_OCTETS + 1)
        # Soon thrown away: looking every value up costs more than its dictionary saves.
        strictly.write.option("parquet.enable.dictionary", "false").parquet(str(strict))
        # To plan the whole parser takes seconds, even for no line.
        if layout.has_values(strict, "reason"):
            left = spark.read.schema(FACTS).parquet(str(strict)).where(F.col("reason").isNotNull())
            lines.append(left.select(F.col("sample").cast("string").alias("value"), "input"))
    if lines:
        together = reduce(DataFrame.unionByName, lines)
        facts(parse.events(together, transforms.FIELDS)).write.parquet(str(whole))
    found = spark.read.schema(FACTS).parquet(*map(str, filter(Path.exists, (strict, whole))))
    return found.where(F.coalesce("reason", F.lit("")) != parse.LATER)


def fill(entries: list[Entry], facts: DataFrame) -> None:
    """Enter what the facts hold of each input."""
    for row in transforms.inventory(facts).sort("reason").collect():
        entry = entries[row["input"]]
        if row["reason"] is None:
            hour = Hour(row["lines"], row["digest"], row["first"], row["last"])
            entry.hours[row["hour"]] = hour
        else:
            sample = sample_of(bytes(row["sample"]))
            entry.rejects.append(Reject(row["reason"], row["lines"], sample))


def of_hours(facts: Iterable[DataFrame], hours: set[int], *, every: bool) -> DataFrame:
    """The facts of some hours, from all that was read."""
    together = reduce(DataFrame.unionByName, facts)
    return together if every else together.where(transforms.hour().isin(*sorted(hours)))


def write_hours(table: DataFrame, place: Path, *order: str) -> None:
    """Write a table as one file an hour, below ``part=<seconds since 1970>``."""
    (
        table.withColumn(PART, F.unix_seconds("hour"))
        .repartition(PART)
        .sortWithinPartitions(PART, *order)
        .write.partitionBy(PART)
        .parquet(str(place))
    )
