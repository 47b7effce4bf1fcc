"""slokit's patterns as Spark expressions."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from slokit.formats import DATA

# A line never holds a newline, so it can stand between the groups that a pattern found in one.
_SEPARATOR = "\n"
# The same characters as Java tests them fastest: single ones below U+0100 are one look into a
# table, each range is one more question.
_ASCII = "".join(re.escape(chr(code)) for code in range(0x20, 0x80) if chr(code) not in '"\\')
JAVA_CLASSES: Final = {
    r'[^"\\\x00-\x1f\ufffd]': rf"[{_ASCII}\x80-\ufffc\ufffe-\x{{10ffff}}]",
    r'[^"\\\x00-\x1f]': rf"[{_ASCII}\x80-\x{{10ffff}}]",
}


def _whole(name: str) -> str:
    r"""The pattern for the whole text. Not ``$``, which in Java also comes before a last ``\r``."""
    pattern: str = DATA["patterns"][name]
    for ours, java in JAVA_CLASSES.items():
        # Java has a loop of its own for a greedy class and none for a possessive one. What follows
        # one of these is never in it, so that there is nothing to give back.
        for possessive, greedy in (("*+", "*"), ("++", "+"), ("", "")):
            pattern = pattern.replace(ours + possessive, java + greedy)
    return rf"\A(?:{pattern})\z"


def matches(text: Column, name: str) -> Column:
    """Whether all of the text matches, as ``re.fullmatch`` would; null for null."""
    return text.rlike(_whole(name))


def groups_in_order(
    text: Column,
    name: str,
    groups: Sequence[str],
    order: Sequence[str] = (),
    *,
    fixed: Mapping[str, str] | None = None,
) -> Column:
    """The pattern's groups as an array, or an array of one if the text does not match.

    One pass over the text; one ``regexp_extract`` a group would match it again for each.

    Args:
        text: what to match.
        name: of slokit's pattern.
        groups: names of its groups, first to last.
        order: names in the order wanted; one that is no group, or took no part, is empty.
        fixed: texts for names that are no group.
    """
    by_name = {group: f"${number}" for number, group in enumerate(groups, start=1)}
    by_name |= fixed or {}
    template = _SEPARATOR.join(by_name.get(name, "") for name in order or groups)
    return F.split(F.regexp_replace(text, _whole(name), template), _SEPARATOR, -1)
