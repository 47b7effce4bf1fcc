"""Lines to events or reasons: ``DataFrame -> DataFrame``, no I/O, no session.

Patterns, fields and the order of the reasons are slokit's data, so this is the same parser in
another engine. Only expressions that Spark compiles to Java; no Python runs on a line.
"""

from functools import reduce
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hop_etl.patterns import groups_in_order, matches
from hop_etl.schemas import EVENT
from hop_etl.times import timestamp
from slokit.formats import DATA, MAX_LINE_OCTETS

_FORMATS: Final[dict[str, Any]] = DATA["formats"]
_V1, _NGINX, _CLF = _FORMATS["v1"], _FORMATS["nginx_json"], _FORMATS["clf"]
_PLAIN = _V1["plain"]
# Whatever the format, a line's fields come as one array of texts in this order.
_ORDER: Final = (*EVENT.names, "request")
_KEYS: Final = dict.fromkeys(
    [_V1["selected_by"]]
    + [key for rules in (_V1, _NGINX) for keys in rules["fields"].values() for key in keys]
)


def events(lines: DataFrame) -> DataFrame:
    """Parse lines.

    Args:
        lines: ``value`` (string, any bytes, without its newline) and columns to carry along.

    Returns:
        The columns given; ``reason``, null for an accepted line; and the fields of
        ``schemas.EVENT``, which mean something only where ``reason`` is null.
    """
    return _values(_texts(_recognised(lines), lines.columns), lines.columns)


def _recognised(lines: DataFrame) -> DataFrame:
    """Adds ``plain`` and ``clf`` (texts in ``_ORDER``) and ``doc`` (JSON decoded the long way)."""
    value = F.col("value")
    readable = (F.octet_length(value) <= MAX_LINE_OCTETS) & F.is_valid_utf8(value)
    is_json = value.startswith("{")
    plain = groups_in_order(value, _PLAIN["pattern"], _PLAIN["groups"], _ORDER)
    clf = groups_in_order(value, "clf", _CLF["groups"], _ORDER, fixed={"route": _CLF["route"]})
    quote = DATA["java_only"]["quote_numbers"]
    # from_json rewrites 1.10 to 1.1; as a string it stays what the log says.
    quoted = F.regexp_replace(value, quote["pattern"], quote["replacement"])
    flat = readable & is_json & ~_matched("plain") & matches(value, "json_object")
    return lines.withColumns(
        {
            "plain": F.when(readable & is_json, plain),
            "clf": F.when(readable & ~is_json, clf),
        }
    ).withColumn(
        "doc", F.from_json(F.when(flat, quoted), ", ".join(f"`{key}` string" for key in _KEYS))
    )


def _matched(groups: str) -> Column:
    return F.coalesce(F.size(groups) > 1, F.lit(False))


def _present(value: Column, rules: dict[str, Any]) -> Column:
    """Null where the format says that this text stands for nothing."""
    return F.when(~value.isin(*rules["absent"]), value)


def _json_texts(rules: dict[str, Any]) -> Column:
    """For each field the first of its keys that holds something."""

    def first(name: str) -> Column:
        found = [_present(F.col("doc")[key], rules) for key in rules["fields"].get(name, [])]
        fixed = [F.lit(rules["route"])] if name == "route" and rules["route"] else []
        return F.coalesce(*found, *fixed, F.lit(None).cast("string"))

    return F.array(*[first(name) for name in _ORDER])


def _texts(recognised: DataFrame, carried: list[str]) -> DataFrame:
    """One column a field, still text, with the name of the format or of what is wrong."""
    value, version = F.col("value"), F.col("doc")[_V1["selected_by"]]
    malformed = (
        F.when(F.octet_length(value) > MAX_LINE_OCTETS, F.lit("too_long"))
        .when(~F.is_valid_utf8(value), F.lit("encoding"))
        .when(value.startswith("{"), F.lit("json"))
        .when(matches(value, "blank"), F.lit("blank"))
        .otherwise(F.lit("format"))
    )
    kind = (
        F.when(_matched("plain"), F.lit("v1"))
        .when(_matched("clf"), F.lit("clf"))
        .when(version == _V1["version"], F.lit("v1"))
        .when(version.isNull() & F.col("doc").isNotNull(), F.lit("nginx_json"))
    )
    texts = (
        F.when(_matched("plain"), F.col("plain"))
        .when(_matched("clf"), F.col("clf"))
        .when(version.isNotNull(), _json_texts(_V1))
        .when(F.col("doc").isNotNull(), _json_texts(_NGINX))
    )
    known = recognised.select(*carried, "doc", kind.alias("kind"), texts.alias("texts"))
    wrong = F.when(F.col("doc").isNotNull(), F.lit("version")).otherwise(malformed)
    dash = F.col("kind") == "clf"
    return known.select(
        *carried,
        "kind",
        F.when(F.col("kind").isNull(), wrong).alias("wrong"),
        *[
            F.when((text != "") & ~(dash & (text == "-")), text).alias(f"{name}_text")
            for name, text in ((name, F.get("texts", F.lit(at))) for at, name in enumerate(_ORDER))
        ],
    )


def _values(texts: DataFrame, carried: list[str]) -> DataFrame:
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
    values = {name: F.col(f"{name}_text") for name in EVENT.names} | {
        "ts": F.col("ts"),
        "method": F.coalesce(F.col("method_text"), F.get(spare, F.lit(0))),
        "path": F.coalesce(F.col("path_text"), F.get(spare, F.lit(1))),
        "status": status.try_cast("int"),
        "duration_ms": F.concat(took, suffix).try_cast("double"),
        "bytes_out": size.try_cast("bigint"),
    }
    return texts.withColumn("ts", ts).select(
        *carried, reason.alias("reason"), *[values[name].alias(name) for name in EVENT.names]
    )
