"""Times as logs write them, to timestamps in UTC and whole milliseconds.

The pattern decides what is a time; the cast only computes, and knows which days exist.
"""

from collections.abc import Callable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from hop_etl.patterns import matches
from slokit.formats import DATA


def _cast(text: Column) -> Column:
    """RFC 3339 with a zone; null for a day that no calendar has."""
    return text.try_cast("timestamp")


def _iso(text: Column) -> Column:
    exact = F.when(matches(text, "time_iso"), _cast(text))
    return F.timestamp_millis(F.unix_millis(exact))


def _clf(text: Column) -> Column:
    """Fixed columns: ``23/Nov/2026:10:00:00 +0100``."""
    # Three letters a month: the position of a name in the row of names is its number.
    place = F.instr(F.lit("".join(DATA["months"])), F.substring(text, 4, 3))
    month = F.lpad(((place + 2) / 3).cast("int").cast("string"), 2, "0")
    day = F.concat_ws("-", F.substring(text, 8, 4), month, F.substring(text, 1, 2))
    zone = F.concat_ws(":", F.substring(text, 22, 3), F.substring(text, 25, 2))
    iso = F.concat(day, F.lit("T"), F.substring(text, 13, 8), zone)
    return F.when(matches(text, "time_clf"), _cast(iso))


def _epoch(text: Column) -> Column:
    digits = F.split_part(text, F.lit("."), F.lit(2))
    fraction = F.rpad(F.substring(digits, 1, 3), 3, "0")
    ms = F.concat(F.split_part(text, F.lit("."), F.lit(1)), fraction).try_cast("long")
    return F.when(matches(text, "time_epoch"), F.timestamp_millis(ms))


_READERS: Final[dict[str, Callable[[Column], Column]]] = {
    "time_iso": _iso,
    "time_clf": _clf,
    "time_epoch": _epoch,
}


def timestamp(text: Column, forms: list[str]) -> Column:
    """The time in the first of these forms that fits, or null."""
    return F.coalesce(*[_READERS[form](text) for form in forms])
