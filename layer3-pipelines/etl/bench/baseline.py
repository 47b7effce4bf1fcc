"""The named baseline: the PySpark job that most tutorials on access logs show.

``baseline.py LOG OUT`` reads text, takes one ``regexp_extract`` a field, groups, and writes
``clicks``, ``sli`` and ``rejects``: the same three tables from the same bytes as ``hop-etl``.
Settings are Spark's defaults. It is written with care, not slowed down: columns are pruned by
Spark as ever, and ``--cache`` keeps the parsed lines in memory between the tables, as some
tutorials do; the bench measures both and compares with the faster one. It knows schema v1 only.
"""

import sys

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

INTERNAL = ["/livez", "/readyz", "/healthz", "/metrics", "/version", "/docs", "/openapi.json"]


def text(name: str) -> Column:
    """A string field of the line, empty when it is not there."""
    return F.regexp_extract("value", rf'"{name}":"([^"]*)"', 1).alias(name)


def number(name: str) -> Column:
    """A number field of the line, still as text."""
    return F.regexp_extract("value", rf'"{name}":([0-9.]+)', 1).alias(name)


def main(log: str, out: str, *, cache: bool) -> None:
    """Run the job."""
    spark = SparkSession.builder.appName("access log").getOrCreate()
    fields = spark.read.text(log).select(
        "value",
        F.input_file_name().alias("file"),
        number("v"),
        text("ts"),
        text("method"),
        text("route"),
        number("status"),
        number("duration_ms"),
        text("slug"),
        text("client"),
        text("release"),
        text("colour"),
    )
    lines = fields.withColumn(
        "reason",
        F.when(F.trim("value") == "", "blank")
        .when(~F.col("value").endswith("}"), "json")
        .when(F.col("v") != "1", "version")
        .when(~F.col("status").rlike("^[1-5][0-9][0-9]$"), "status"),
    )
    if cache:
        lines = lines.cache()

    rejects = (
        lines.where(F.col("reason").isNotNull())
        .groupBy(F.url_decode(F.regexp_replace("file", "^file:/+", "/")).alias("file"), "reason")
        .agg(F.min(F.substring("value", 1, 200)).alias("sample"), F.count("*").alias("lines"))
    )
    rejects.write.mode("overwrite").parquet(f"{out}/rejects")

    requests = (
        lines.where(F.col("reason").isNull())
        .withColumn("ts", F.try_to_timestamp("ts"))
        .withColumn("hour", F.date_trunc("hour", "ts"))
        .withColumn("status", F.col("status").try_cast("int"))
        .withColumn("duration_ms", F.col("duration_ms").try_cast("double"))
    )
    sli = (
        requests.where(~F.col("route").isin(INTERNAL))
        .groupBy("hour", F.window("ts", "300 seconds").alias("w"), "route", "release", "colour")
        .agg(
            F.count("*").alias("total"),
            F.sum((F.col("status") < 500).cast("long")).alias("good"),
            F.count("duration_ms").alias("timed"),
            F.sum((F.col("duration_ms") > 250).cast("long")).alias("slow"),
        )
        .withColumn("window_start", F.col("w.start"))
        .withColumn("window_s", F.lit(300))
        .withColumn("threshold_ms", F.lit(250.0))
        .drop("w")
    )
    sli.write.mode("overwrite").parquet(f"{out}/sli")

    clicks = (
        requests.where("slug != '' and method = 'GET' and status = 307")
        .groupBy("hour", "slug")
        .agg(F.count("*").alias("clicks"), F.countDistinct("client").alias("clients"))
    )
    clicks.write.mode("overwrite").parquet(f"{out}/clicks")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], cache="--cache" in sys.argv[3:])
