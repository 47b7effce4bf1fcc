"""What a pull request sees without opening a log: tests, coverage and evidence, in Markdown."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from layerctl.counts import read_junit
from layerctl.engines import environment
from layerctl.errors import LayerctlError
from layerctl.paths import EVIDENCE, LOGS

BEFORE = Path(environment()["SIX_LAYERS_CACHE"]) / "evidence"
NOISE = 0.2  # of a figure: less is the machine, not the change
TOTAL = re.compile(r"^TOTAL .* ([\d.]+)%$", re.MULTILINE)


def coverage(logs: Path) -> dict[str, str]:
    """Percentage by suite, from the logs of the suites that measure it."""
    found = {}
    for log in sorted(logs.glob("test-*.log")):
        if totals := TOTAL.findall(log.read_text("utf-8", errors="replace")):
            found[log.stem.removeprefix("test-")] = f"{totals[-1]} %"
    return found


def facts(folder: Path) -> dict[tuple[str, str], Any]:
    """Result and facts of every piece of evidence in a folder, by id and name."""
    found: dict[tuple[str, str], Any] = {}
    for file in sorted(folder.glob("*.json")):
        record = json.loads(file.read_text("utf-8"))
        for name, value in {"result": record["result"], **record["facts"]}.items():
            found[record["id"], name] = value
    return found


def differ(one: object, other: object) -> bool:
    """Whether two values differ by more than chance."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > NOISE * max(abs(one), abs(other))
    return one != other


def changed(before: Path, evidence: Path) -> list[str]:
    """What the evidence says otherwise than the run before, as rows of a table.

    Evidence that this run did not make is not mentioned.
    """
    old, new = facts(before), facts(evidence)
    made = {identifier for identifier, _ in new}
    rows = []
    for key in sorted({*old, *new}):
        was, is_now = old.get(key, "-"), new.get(key, "-")
        if key[0] in made and differ(was, is_now):
            rows.append(f"| {key[0]} | {key[1]} | {was} | {is_now} |")
    return rows


def keep(evidence: Path = EVIDENCE, before: Path = BEFORE) -> None:
    """Remember the evidence in the download cache, for the next run to compare with."""
    before.mkdir(parents=True, exist_ok=True)
    for file in evidence.glob("*.json"):
        shutil.copy(file, before)


def markdown(logs: Path = LOGS, evidence: Path = EVIDENCE, before: Path = BEFORE) -> str:
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
    if rows := changed(before, evidence):
        head = ["", "| evidence that changed | | before | now |", "|---|---|---|---|"]
        lines += head + rows
    if list(evidence.glob("*.json")):
        lines += ["", "Evidence:", "```text", *show([]), "```"]
    return "\n".join(lines)
