"""CPU seconds for parsing one Combined log, by slokit and by three parsers from PyPI."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import apache_log_parser
    import apachelogs
    import clfparser

from slokit.parse import parse

COMBINED = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'


def log(lines: int) -> list[str]:
    """Lines of a day, each with its second, path, status and size."""
    form = (
        '192.0.2.{host} - - [23/Nov/2026:{h:02}:{m:02}:{s:02} +0000] "GET /a/{n} HTTP/1.1" '
        '{status} {size} "https://example.org/" "Mozilla/5.0 (X11; Linux x86_64)"'
    )
    made = []
    for n in range(lines):
        second = n * 86400 // lines
        when = {"h": second // 3600, "m": second // 60 % 60, "s": second % 60}
        status, size = (503, 0) if n % 200 == 0 else (200, n % 5000)
        made.append(form.format(host=n % 250 + 1, n=n % 1000, status=status, size=size, **when))
    return made


def cpu(parse: Callable[[str], object], lines: list[str]) -> float:
    """CPU seconds of this process for all lines, the better of two runs."""
    best = float("inf")
    for _ in range(2):
        started = time.process_time()
        for line in lines:
            parse(line)
        best = min(best, time.process_time() - started)
    return best


def seconds(lines: int) -> dict[str, float]:
    """CPU seconds by parser; each is seen to understand the log first."""
    made = log(lines)
    parser, peer = apachelogs.LogParser(COMBINED), apache_log_parser.make_parser(COMBINED)
    parsers: dict[str, tuple[Callable[[str], object], Callable[[str], object]]] = {
        "slokit": (parse, lambda x: parse(x).status),
        "apachelogs": (parser.parse, lambda x: parser.parse(x).final_status),
        "apache-log-parser": (peer, lambda x: int(peer(x)["status"])),
        "clfparser": (
            clfparser.CLFParser.logDict,
            lambda x: int(clfparser.CLFParser.logDict(x)["s"]),
        ),
    }
    for name, (_, status) in parsers.items():
        found = [status(line) for line in made[199:202]]
        if found != [200, 503, 200]:
            raise RuntimeError(f"{name} reads {found}, want [200, 503, 200]")
    return {name: cpu(parse, made) for name, (parse, _) in parsers.items()}
