"""One line to one event, or to the one reason why not.

The rules are data (``data/formats.json``); the order of the checks is the order of the reasons.
"""

from __future__ import annotations

from .errors import LogFormatError
from .event import Event
from .formats import MAX_LINE_OCTETS, PATTERNS, REASONS
from .parse_clf import parse_clf
from .parse_json import parse_json

Result = Event | str
_blank = PATTERNS["blank"].fullmatch


# region: parse_line
def parse_line(line: bytes) -> Result:
    """Parse one line without its newline; never raises.

    Returns:
        The event, or the name of the reason for which the line is rejected.
    """
    if len(line) > MAX_LINE_OCTETS:
        return "too_long"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "encoding"
    result = parse_json(text) if text.startswith("{") else parse_clf(text)
    return "blank" if result == "format" and _blank(text) else result


# endregion


def parse(line: bytes | str) -> Event:
    """Parse one line, with or without its newline.

    Raises:
        LogFormatError: the line is rejected; its ``reason`` says why.
    """
    raw = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    result = parse_line(raw.removesuffix(b"\n"))
    if isinstance(result, str):
        raise LogFormatError(result, REASONS[result])
    return result
