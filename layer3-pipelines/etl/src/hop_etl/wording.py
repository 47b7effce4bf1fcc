"""Figures as people read them, never rounded to the side that flatters."""

from __future__ import annotations

import math
import unicodedata
from datetime import datetime, timedelta

_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def percent(share: float | None, *, places: int = 2) -> str:
    """A share, rounded down: 99.998 % with one failure in it is never "100 %"."""
    if share is None:
        return "no data"
    # The addend undoes 0.57 * 100 = 56.99999999999999; it is far below a shown digit.
    value = math.floor(share * 100 * 10**places + 1e-7) / 10**places
    return f"{value:,.{places}f} %"


def goal(target: float) -> str:
    """A target with as many digits as it has: ``99.5 %``."""
    return f"{target * 100:.6g} %"


def left(share: float | None) -> str:
    """The budget left in whole percent, rounded down: 0.4 % is "0 %", overspent is negative."""
    return percent(share, places=0)


def count(number: int, thing: str) -> str:
    """A number of things: ``1 step``, ``2 steps``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def rate(burn: float | None) -> str:
    """A burn rate."""
    return "no data" if burn is None else f"{burn:,.1f}x"


def duration(span: timedelta) -> str:
    """The largest fitting unit, rounded: ``20 s``, ``14 min``, ``30 days``."""
    seconds = span.total_seconds()
    if 0 < seconds < 1:
        return "less than 1 s"
    # Up to two of a unit are said in the smaller one: "36 h" tells more than "2 days".
    fitting = (pair for pair in _UNITS if seconds >= 2 * pair[1] or seconds == pair[1])
    name, unit = next(fitting, _UNITS[-1])
    number = round(seconds / unit)
    return count(number, name) if name == "day" else f"{number:,} {name}"


def moment(time: datetime | None) -> str:
    """A time to the second, in UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "no data"


def visible(text: str) -> str:
    r"""``text`` with what cannot be seen written out: a log line may hold NUL, ESC or U+202E.

    Escaping for HTML does not help against these: a right-to-left override turns the
    rest of the line around, and NUL ends it in some programs.
    """
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char == " " or unicodedata.category(char)[0] not in "CZ":
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
