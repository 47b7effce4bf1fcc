"""Reports as text for people; the same figures as the JSON."""

from __future__ import annotations

from typing import Any

from .budget import whole_percent

Report = dict[str, Any]


def _share(value: float | None) -> str:
    return "no data" if value is None else f"{value:.4%}".replace("%", " %")


def _span(report: Report) -> str:
    if report["from"] is None:
        return f"no requests; lines rejected: {report['rejected']:,}"
    seconds = report["window_s"]
    part = f"at most the last {_time(seconds)}" if seconds else "all of the log"
    return f"{report['from']} to {report['to']} ({part}); lines rejected: {report['rejected']:,}"


def _time(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *rest = widths
    return [
        "  ".join([row[0].ljust(first), *map(str.rjust, row[1:], rest)]).rstrip() for row in rows
    ]


def sli(report: Report) -> str:
    """Availability and latency."""
    fast = report["timed"] - report["slow"]
    rows = [
        ["", "good", "of", "share"],
        [
            "availability",
            f"{report['good']:,}",
            f"{report['total']:,}",
            _share(report["availability"]),
        ],
        ["latency", f"{fast:,}", f"{report['timed']:,}", _share(report["latency"])],
    ]
    rejects = [f"rejected {n:,}: {reason}" for reason, n in report["rejects"].items()]
    return "\n".join([*_table(rows), *rejects, _span(report)])


def budget(report: Report) -> str:
    """Budget left and burn rates, by objective."""
    rows = [["", "goal", "may fail", "failed", "left"]]
    pairs = [["", "burn", "over", "limit", "alert"]]
    for name, found in report["objectives"].items():
        left = "no data" if found["left"] is None else whole_percent(found["left"])
        rows.append(
            [
                name,
                f"{found['objective']:.4g}",
                f"{found['may_fail']:,}",
                f"{found['failed']:,}",
                left,
            ]
        )
        for pair in found["burn"]:
            rates = [_rate(pair["long"]), _rate(pair["short"])]
            spans = [_time(pair["long_s"]), _time(pair["short_s"])]
            alert = pair["severity"] if pair["fires"] else "no"
            pairs.append(
                [name, " and ".join(rates), " and ".join(spans), f"{pair['threshold']:.3g}", alert]
            )
    return "\n".join([*_table(rows), "", *_table(pairs), _span(report)])


def _rate(value: float | None) -> str:
    return "no data" if value is None else f"{value:.3g}"


def gate(report: Report) -> str:
    """The verdict on the first line, then each objective if there are several."""
    found = [f"  {check['reason']}" for check in report["objectives"].values()]
    lines = found if len(found) > 1 else []
    return "\n".join([f"{report['verdict']}: {report['reason']}", *lines, _span(report)])
