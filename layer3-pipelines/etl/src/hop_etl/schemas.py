"""What the tables and the steps between them hold. Types are explicit, never inferred."""

from typing import Final

from pyspark.sql.types import (
    BinaryType,
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

# The fields of slokit's Event, in its order; ``ts`` in UTC, milliseconds.
EVENT: Final = StructType(
    [
        StructField("ts", TimestampType()),
        StructField("method", StringType()),
        StructField("route", StringType()),
        StructField("path", StringType()),
        StructField("status", IntegerType()),
        StructField("duration_ms", DoubleType()),
        StructField("bytes_out", LongType()),
        StructField("slug", StringType()),
        StructField("client", StringType()),
        StructField("user_agent", StringType()),
        StructField("referer", StringType()),
        StructField("trace_id", StringType()),
        StructField("request_id", StringType()),
        StructField("release", StringType()),
        StructField("colour", StringType()),
    ]
)

# One row a line, only what the tables are made of: written once, read by every table.
FACTS: Final = StructType(
    [
        StructField("input", IntegerType()),
        StructField("reason", StringType()),
        StructField("sample", BinaryType()),
        StructField("digest", LongType()),
        StructField("ts_ms", LongType()),
        StructField("window", LongType()),
        StructField("counted", BooleanType()),
        StructField("route", StringType()),
        StructField("release", StringType()),
        StructField("colour", StringType()),
        StructField("good", BooleanType()),
        StructField("slow", BooleanType()),
        StructField("slug", StringType()),
        StructField("client", StringType()),
    ]
)

CLICKS: Final = StructType(
    [
        StructField("hour", TimestampType()),
        StructField("slug", StringType()),
        StructField("clicks", LongType()),
        StructField("clients", LongType()),
    ]
)

SLI: Final = StructType(
    [
        StructField("hour", TimestampType()),
        StructField("window_start", TimestampType()),
        StructField("window_s", IntegerType()),
        StructField("route", StringType()),
        StructField("release", StringType()),
        StructField("colour", StringType()),
        StructField("total", LongType()),
        StructField("good", LongType()),
        StructField("timed", LongType()),
        StructField("slow", LongType()),
        StructField("threshold_ms", DoubleType()),
    ]
)

REJECTS: Final = StructType(
    [
        StructField("file", StringType()),
        StructField("reason", StringType()),
        StructField("sample", StringType()),
        StructField("lines", LongType()),
    ]
)
