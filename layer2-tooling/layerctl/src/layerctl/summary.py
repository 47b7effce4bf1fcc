"""What a pull request sees without opening a log: tests, coverage and evidence, in Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from layerctl.counts import read_junit
from layerctl.errors import LayerctlError
from layerctl.paths import EVIDENCE, LOGS

TOTAL = re.compile(r"^TOTAL .* ([\d.]+)%$", re.MULTILINE)


def coverage(logs: Path) -> dict[str, str]:
    """Percentage by suite, from the logs of the suites that measure it."""
    found = {}
    for log in sorted(logs.glob("test-*.log")):
        if totals := TOTAL.findall(log.read_text("utf-8", errors="replace")):
            found[log.stem.removeprefix("test-")] = f"{totals[-1]} %"
    return found


def markdown(logs: Path = LOGS, evidence: Path = EVIDENCE) -> str:
    """The summary.

    Raises:
        LayerctlError: nothing has been tested yet.
    """
    from layerctl.evidence import show

    reports = sorted(logs.glob("junit-*.xml"))
    if not reports:
        raise LayerctlError(f"no test reports in {logs}", "make test")
    lines = ["| suite | passed | failed | skipped |", "|---|---|---|---|"]
    for report in reports:
        name = report.stem.removeprefix("junit-")
        counts = read_junit(report, name)
        row = (name, *(str(counts.of(each)) for each in ("passed", "failed", "skipped")))
        lines.append(f"| {' | '.join(row)} |")
    if found := coverage(logs):
        lines += ["", "| coverage | |", "|---|---|"]
        lines += [f"| {name} | {share} |" for name, share in found.items()]
    if list(evidence.glob("*.json")):
        lines += ["", "Evidence:", "```text", *show([]), "```"]
    return "\n".join(lines)
