"""From events to tables: ``DataFrame -> DataFrame``, no I/O, no session.

Text is scanned and parsed once, into ``facts``; every table is made of those.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hop_etl.schemas import CLICKS, FACTS, SLI
from slokit.formats import DATA, INTERNAL_ROUTES, SAMPLE_OCTETS

HOUR_S = 3600
# What the tables need of an event.
FIELDS = ("ts", "method", "route", "status", "duration_ms", "slug", "client", "release", "colour")


def is_click() -> Column:
    """A redirect that was followed; HEAD is none."""
    method, status = F.lit(DATA["click"]["method"]), F.lit(DATA["click"]["status"])
    followed = (F.col("method") == method) & (F.col("status") == status)
    return F.col("slug").isNotNull() & followed


def is_counted() -> Column:
    """A request to a user's route; probes would hide an outage behind healthy health checks."""
    return ~F.col("route").isin(*sorted(INTERNAL_ROUTES))


def is_good() -> Column:
    """A request that the service answered as it should; 4xx is the client's doing."""
    return F.col("status") < 500


def is_slow(threshold_ms: float) -> Column:
    """Slower than the threshold, in milliseconds; null if the log knows no duration."""
    return F.col("duration_ms") > threshold_ms


def _start(seconds: Column, length: int) -> Column:
    # pmod, not %: a time zone can push a time on 1 January 1970 below zero.
    return seconds - F.pmod(seconds, F.lit(length))


# region: facts
def facts(
    events: DataFrame, *, window_s: int, threshold_ms: float, sample_octets: int = SAMPLE_OCTETS
) -> DataFrame:
    """What the tables need of each line, and no more.

    Args:
        events: ``input`` (int), ``value`` and what ``parse.events`` returns.
        window_s: length of a window in seconds; divides an hour.
        threshold_ms: the slowest that is not slow, in milliseconds.
        sample_octets: how much is kept of a rejected line.

    Returns:
        ``schemas.FACTS``: a rejected line has ``reason`` and ``sample``, an accepted one the rest.
    """
    rejected, click = F.col("reason").isNotNull(), is_click()
    ts_ms = F.unix_millis("ts")
    columns = {
        "sample": F.when(rejected, F.substring(F.col("value").cast("binary"), 1, sample_octets)),
        "digest": F.shiftrightunsigned(F.xxhash64("value"), 32),
        "ts_ms": ts_ms,
        "window": _start(F.floor(ts_ms / 1000), window_s),
        "counted": is_counted(),
        "good": is_good(),
        "slow": is_slow(threshold_ms),
        "slug": F.when(click, F.col("slug")),
        "client": F.when(click, F.col("client")),
    }
    kept = ("input", "reason", "sample")
    return events.select(
        *[
            (column if name in kept else F.when(~rejected, column)).alias(name)
            for name, column in ((name, columns.get(name, F.col(name))) for name in FACTS.names)
        ]
    )


# endregion


def hour() -> Column:
    """The UTC hour of a fact, in seconds since 1970."""
    return _start(F.col("window"), HOUR_S)


def inventory(facts: DataFrame) -> DataFrame:
    """What each input holds: accepted lines by hour, rejected ones by reason.

    ``digest`` is a sum of hashes, so it does not depend on the order of lines or on how they are
    spread over files; ``first`` and ``last`` are milliseconds, of counted events.

    Returns:
        ``input, reason, hour, lines, digest, first, last, sample``; of a rejected line ``hour`` is
        null, of an accepted one ``reason``; ``sample`` is binary, the smallest.
    """
    counted = F.when(F.col("counted"), F.col("ts_ms"))
    reason, lines = F.col("reason"), F.count("*").alias("lines")
    accepted = (
        facts.where(reason.isNull())
        .groupBy("input", hour().alias("hour"))
        .agg(
            lines,
            F.sum("digest").alias("digest"),
            F.min(counted).alias("first"),
            F.max(counted).alias("last"),
        )
    )
    # Apart: for the smallest of binaries Spark sorts, and would sort the accepted lines with them.
    rejected = facts.where(reason.isNotNull()).groupBy("input", "reason")
    samples = rejected.agg(lines, F.min("sample").alias("sample"))
    return accepted.unionByName(samples, allowMissingColumns=True)


def sli(facts: DataFrame, *, window_s: int, threshold_ms: float) -> DataFrame:
    """Requests, good, timed and slow ones by window, route, release and colour: ``schemas.SLI``."""
    return (
        facts.where(F.col("counted"))
        .groupBy("window", "route", "release", "colour")
        .agg(
            F.count("*").alias("total"),
            F.count_if(F.col("good")).alias("good"),
            F.count("slow").alias("timed"),
            F.count_if(F.col("slow")).alias("slow"),
        )
        .withColumns(
            {
                "hour": F.timestamp_seconds(hour()),
                "window_start": F.timestamp_seconds("window"),
                "window_s": F.lit(window_s),
                "threshold_ms": F.lit(float(threshold_ms)),
            }
        )
        .select(*SLI.names)
    )


def clicks(facts: DataFrame) -> DataFrame:
    """Clicks and distinct clients by hour and slug, exactly: ``schemas.CLICKS``."""
    return (
        facts.where(F.col("slug").isNotNull())
        .select(hour().alias("hour"), "slug", "client")
        # One shuffle serves both groupings: rows of a slug's hour are together from here on.
        .repartition("hour", "slug")
        .groupBy("hour", "slug", "client")
        .agg(F.count("*").alias("clicks"))
        .groupBy("hour", "slug")
        .agg(F.sum("clicks").alias("clicks"), F.count("client").alias("clients"))
        .withColumn("hour", F.timestamp_seconds("hour"))
        .select(*CLICKS.names)
    )
