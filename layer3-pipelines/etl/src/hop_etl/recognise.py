"""From lines to fields as text, whatever the format: ``DataFrame -> DataFrame``."""

from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hop_etl.patterns import groups_in_order, matches
from slokit.formats import DATA, MAX_LINE_OCTETS

FORMATS: Final[dict[str, Any]] = DATA["formats"]
_V1, _NGINX, _CLF = FORMATS["v1"], FORMATS["nginx_json"], FORMATS["clf"]
_PLAIN = _V1["plain"]
_SENT: Final = ("method", "path")
_KEYS: Final = dict.fromkeys(
    [_V1["selected_by"]]
    + [key for rules in (_V1, _NGINX) for keys in rules["fields"].values() for key in keys]
)


def texts(lines: DataFrame, order: list[str]) -> DataFrame:
    """Recognise each line's format and take its fields, still text.

    Args:
        lines: ``value`` (string, any bytes, without its newline) and columns to carry along.
        order: names of the fields wanted.

    Returns:
        The columns given; ``kind``, the format's name, or null with ``wrong``, the reason; and a
        column ``<field>_text`` a field, null where the format says that nothing stands there.
    """
    return _texts(_recognised(lines, order), lines.columns, order)


def _recognised(lines: DataFrame, order: list[str]) -> DataFrame:
    """Adds ``plain`` and ``clf`` (texts in order) and ``doc`` (JSON decoded the long way)."""
    value = F.col("value")
    readable = (F.octet_length(value) <= MAX_LINE_OCTETS) & F.is_valid_utf8(value)
    is_json = value.startswith("{")
    plain = groups_in_order(value, _PLAIN["pattern"], _PLAIN["groups"], order)
    clf = groups_in_order(value, "clf", _CLF["groups"], order, fixed={"route": _CLF["route"]})
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


def _json_texts(rules: dict[str, Any], order: list[str]) -> Column:
    """For each field the first of its keys that holds something."""

    def first(name: str) -> Column:
        found = [_present(F.col("doc")[key], rules) for key in rules["fields"].get(name, [])]
        fixed = [F.lit(rules["route"])] if name == "route" and rules["route"] else []
        return F.coalesce(*found, *fixed, F.lit(None).cast("string"))

    return F.array(*[first(name) for name in order])


def _texts(recognised: DataFrame, carried: list[str], order: list[str]) -> DataFrame:
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
        .when(version.isNotNull(), _json_texts(_V1, order))
        .when(F.col("doc").isNotNull(), _json_texts(_NGINX, order))
    )
    known = recognised.select(*carried, "doc", kind.alias("kind"), texts.alias("texts"))
    wrong = F.when(F.col("doc").isNotNull(), F.lit("version")).otherwise(malformed)

    def present(name: str, text: Column) -> Column:
        # In a request line "-" is what the client sent; elsewhere it stands for nothing.
        nothing = (text == "-") & (F.col("kind") == "clf") & F.lit(name not in _SENT)
        return F.when((text != "") & ~nothing, text).alias(f"{name}_text")

    return known.select(
        *carried,
        "kind",
        F.when(F.col("kind").isNull(), wrong).alias("wrong"),
        *[present(name, F.get("texts", F.lit(at))) for at, name in enumerate(order)],
    )
