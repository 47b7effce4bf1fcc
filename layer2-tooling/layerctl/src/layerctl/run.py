"""Run what a layer offers, and close with one line that says what ran."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from layerctl import engines
from layerctl.console import GREEN, RED, say, styled
from layerctl.errors import LayerctlError, UsageError
from layerctl.manifest import Row, load
from layerctl.paths import ROOT, RUN

EXIT_SKIP = 69


@dataclass
class Tally:
    """How many rows ran, were skipped and failed."""

    ran: int = 0
    skipped: int = 0
    failed: int = 0

    def line(self, layer: int, seconds: float) -> str:
        """The verdict line of a layer."""
        counts = f"ran {self.ran} - skipped {self.skipped} - failed {self.failed}"
        return f"layer{layer}: {counts} - {seconds:.0f} s"


def run_program(program: tuple[str, ...], extra: list[str]) -> int:
    """Run a row's program, a folder for the import path and then Python's arguments."""
    folder, *arguments = program
    source = str(ROOT / "layer2-tooling/layerctl/src")
    # Java refuses a path with non-ASCII letters when no locale is set.
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join((source, str(ROOT / folder))),
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, *arguments, *extra]
    with subprocess.Popen(command, cwd=ROOT, env=env) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the program gets the same Ctrl-C and cleans up
                continue


def run_drill(layer: int, action: str, scenario: str) -> int:
    """Break something on purpose, or grade the repair; without a scenario, of what broke last.

    Raises:
        UsageError: the layer has no such scenario.
    """
    manifest = load()
    rows = [r for r in (*manifest.jobs, *manifest.deliverables) if r.layer == layer and r.drill]
    drills = {name: row.drill for row in rows for name in row.scenarios}
    if not drills:
        raise UsageError(f"layer {layer} has no drill yet", "make layer3-break SCENARIO=burn")
    known, last = list(drills), RUN / f"drill/layer{layer}"
    if action == "check" and not scenario:
        broken = last.read_text("utf-8") if last.exists() else ""
        scenario = broken if broken in drills else known[0]
    if scenario not in drills:
        named = f"no scenario '{scenario}'" if scenario else "no SCENARIO given"
        raise UsageError(
            f"{named}. Scenarios: {', '.join(known)}",
            f"make layer{layer}-break SCENARIO={known[0]}",
        )
    if action == "break":
        last.parent.mkdir(parents=True, exist_ok=True)
        last.write_text(scenario, "utf-8")
    return run_program(drills[scenario], [action, scenario])


def choose(rows: list[Row], engine: str) -> tuple[list[Row], list[Row]]:
    """The rows to run, and those that another ``ENGINE`` would add.

    Default rows always run; ``engine`` adds its own rows, and ``all`` every one.

    Raises:
        UsageError: no row of the layer runs on that engine.
    """
    live = [row for row in rows if row.run and row.state != "planned"]
    named = sorted({name for row in live for name in row.engine.split()})
    if engine not in ("", "all", *named):
        raise UsageError(f"nothing here runs on '{engine}'. Engines: all, {', '.join(named)}")
    chosen = [r for r in live if r.default or engine == "all" or engine in r.engine.split()]
    return chosen, [row for row in live if row not in chosen]


def run_row(row: Row, extra: list[str]) -> int:
    """Run a row's program; 69 with the reason where its engine is not here."""
    say(styled(row.title, "1", sys.stderr))
    for reason in filter(None, (engines.absent(e) for e in row.engine.split())):
        say(f"skipped: {row.id}: {reason}")
        return EXIT_SKIP
    return run_program(row.run, extra)


def more(layer: int, rows: list[Row]) -> list[str]:
    """What the rows that were not chosen would add, and the command for it."""
    by_engine: dict[str, list[str]] = {}
    for row in rows:
        by_engine.setdefault(row.engine, []).append(row.id)
    return [
        f"More: make layer{layer} ENGINE={engine.split()[-1]}   ({', '.join(ids)})"
        for engine, ids in by_engine.items()
    ]


def run_layer(layer: int, extra: list[str]) -> int:
    """Run the layer's default rows; 1 if one failed, or if nothing of the layer runs yet.

    ``ENGINE=name`` adds the rows of an engine, ``all`` those of every engine.
    With ``STRICT=1`` a skip fails too.

    Raises:
        LayerctlError: nothing of the layer is built.
        UsageError: an engine on which nothing of the layer runs.
    """
    started = time.monotonic()
    manifest = load()
    rows = [row for row in (*manifest.jobs, *manifest.deliverables) if row.layer == layer]
    chosen, rest = choose(rows, os.environ.get("ENGINE", ""))
    planned = [
        row.id for row in manifest.deliverables if row.layer == layer and row.state == "planned"
    ]
    if not chosen:
        raise LayerctlError(
            f"layer {layer} has nothing to run yet: {', '.join(planned)} are planned", "make layer3"
        )
    tally = Tally()
    for row in chosen:
        code = run_row(row, extra)
        if code in (130, 143):
            return code
        if code == EXIT_SKIP:
            tally.skipped += 1
        elif code:
            tally.failed += 1
        else:
            tally.ran += 1
    bad = tally.failed or (tally.skipped and os.environ.get("STRICT") == "1")
    print(styled(tally.line(layer, time.monotonic() - started), RED if bad else GREEN))
    for line in more(layer, rest):
        print(line)
    if planned:
        print(f"planned, not built yet: {', '.join(planned)}")
    return 1 if bad else 0
