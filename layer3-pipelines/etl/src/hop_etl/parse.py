"""Lines to events or reasons: ``DataFrame -> DataFrame``, no I/O, no session.

Patterns, fields and the order of the reasons are slokit's data, so this is the same parser in
another engine. Only expressions that Spark compiles to Java; no Python runs on a line.
"""

from collections.abc import Collection
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from hop_etl.patterns import groups_in_order, matches
from hop_etl.recognise import FORMATS, texts
from hop_etl.schemas import EVENT
from hop_etl.times import timestamp
from slokit.formats import MAX_LINE_OCTETS

LATER: Final = "later"
_V1, _NGINX, _CLF = FORMATS["v1"], FORMATS["nginx_json"], FORMATS["clf"]
# What decides whether a line is accepted.
_CHECKED: Final = ("ts", "route", "status", "duration_ms", "bytes_out")


def events(lines: DataFrame, fields: Collection[str] = tuple(EVENT.names)) -> DataFrame:
    """Parse lines.

    Args:
        lines: ``value`` (string, any bytes, without its newline) and columns to carry along.
        fields: those of ``schemas.EVENT`` that are wanted; fewer cost less.

    Returns:
        The columns given; ``reason``, null for an accepted line; and the fields, which mean
        something only where ``reason`` is null.
    """
    order = [*(name for name in EVENT.names if name in {*fields, *_CHECKED}), "request"]
    wanted = [name for name in EVENT.names if name in fields]
    return _values(texts(lines, order)).select(*lines.columns, "reason", *wanted)


def strict(lines: DataFrame, fields: Collection[str] = tuple(EVENT.names)) -> DataFrame:
    """Parse those lines that are just as hop writes them: one pattern, a fifth of the work.

    The pattern leaves nothing to check but whether the day exists. What it does not match may be
    as good, and is for ``events``.

    Returns:
        As ``events``; ``reason`` is ``LATER`` for a line that is not known.
    """
    rules, groups = _V1["strict"], _V1["plain"]["groups"]
    order = [name for name in groups if name in {*fields, "ts"}]
    short = F.when(F.octet_length("value") <= MAX_LINE_OCTETS, F.col("value"))
    found = lines.withColumn("texts", groups_in_order(short, rules["pattern"], groups, order))
    matched = F.size("texts") == len(order)

    def value(name: str) -> Column:
        text = F.when(matched, F.get("texts", F.lit(order.index(name))))
        kind = EVENT[name].dataType
        return F.when(text != "", text if kind == StringType() else text.try_cast(kind))

    values = found.select(*lines.columns, *[value(name).alias(name) for name in order])
    return values.withColumn("reason", F.when(F.col("ts").isNull(), F.lit(LATER)))


def _values(found: DataFrame) -> DataFrame:
    """Texts to values, and the first reason that applies."""

    def by_kind(v1: Column, nginx: Column, clf: Column) -> Column:
        return F.when(kind == "v1", v1).when(kind == "clf", clf).otherwise(nginx)

    kind, status, took = F.col("kind"), F.col("status_text"), F.col("duration_ms_text")
    nothing = F.when(kind == "clf", F.lit(str(_CLF["absent_size"])))
    size = F.coalesce(F.col("bytes_out_text"), nothing)
    ts = by_kind(*[timestamp(F.col("ts_text"), rules["times"]) for rules in (_V1, _NGINX, _CLF)])
    v1_took, nginx_took = _V1["duration"], _NGINX["duration"]
    required = [F.col(f"{name}_text").isNull() for name in _V1["required"]]
    plain = by_kind(
        matches(took, v1_took["pattern"]), matches(took, nginx_took["pattern"]), F.lit(True)
    )
    reason = (
        F.when(F.col("wrong").isNotNull(), F.col("wrong"))
        .when((kind != "clf") & reduce(Column.__or__, required), F.lit("missing"))
        .when(F.col("ts").isNull(), F.lit("timestamp"))
        .when(~F.coalesce(matches(status, "status"), F.lit(False)), F.lit("status"))
        .when(~plain | ~matches(size, "size"), F.lit("number"))
    )
    suffix = by_kind(F.lit(v1_took["suffix"]), F.lit(nginx_took["suffix"]), F.lit(""))
    request = groups_in_order(F.col("request_text"), "request", ["method", "path"])
    spare = F.when(kind == "nginx_json", F.when(F.size(request) > 1, request))
    values = {
        name.removesuffix("_text"): F.col(name)
        for name in found.columns
        if name.endswith("_text") and name != "request_text"
    }
    for at, name in enumerate(("method", "path")):
        if name in values:
            values[name] = F.coalesce(values[name], F.get(spare, F.lit(at)))
    values |= {
        "ts": F.col("ts"),
        "status": status.try_cast("int"),
        "duration_ms": F.concat(took, suffix).try_cast("double"),
        "bytes_out": size.try_cast("bigint"),
        "reason": reason,
    }
    return found.withColumn("ts", ts).withColumns(values)
