"""``make test``: run every check and suite, count, and close with one plain line."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from threading import Lock

from layerctl import cluster, engines, environments
from layerctl.checks import CHECKS, GROUPS, SUITES, Suite
from layerctl.console import say, verbose
from layerctl.counts import Counts
from layerctl.errors import LayerctlError, UsageError
from layerctl.paths import LAYERS, LOGS, PROJECTS, ROOT
from layerctl.runners import run_check, run_suite

# Most suites wait as long as they compute; more lanes would need more memory than a laptop has.
LANES = min(2, os.cpu_count() or 1)


def here(folder: Path) -> bool:
    """Whether ``LAYER=n`` includes a folder; what belongs to no layer counts as tooling.

    Raises:
        UsageError: there is no such layer.
    """
    layer = os.environ.get("LAYER", "")
    if not layer:
        return True
    if layer not in map(str, LAYERS):
        raise UsageError(f"no layer '{layer}'. Layers: {', '.join(map(str, LAYERS))}")
    of = [n for n, name in LAYERS.items() if folder.is_relative_to(ROOT / name)]
    return str((*of, 2)[0]) == layer


def lanes() -> int:
    """How many suites run side by side; one where their output goes to the terminal.

    Raises:
        UsageError: ``LANES`` is no number from 1 to 8.
    """
    asked = os.environ.get("LANES") or str(LANES)
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 8):
        raise UsageError(f"LANES wants a number from 1 to 8, got '{asked}'")
    return 1 if verbose() else int(asked)


def hear_interrupts() -> None:
    """Undo an inherited "ignore SIGINT", which a shell gives to what it starts with ``&``.

    Tests interrupt programs, and a program keeps ignoring what it was started to ignore.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def run_suites(suites: Sequence[Suite], engine: str) -> Counts:
    """Run suites side by side; those that measure behaviour under load come last, one by one.

    Beside these, where there is a second lane, only suites run that give way to them.

    The cluster rests from the end of the last suite that shares it until all have run.
    """
    total = Counts()
    held = {suite.shares: Lock() for suite in suites if suite.shares}
    left = Counter(suite.shares for suite in suites)

    def run(suite: Suite) -> Counts:
        with held.get(suite.shares, nullcontext()):
            counts = run_suite(suite, engine)
            if suite.shares:
                left[suite.shares] -= 1
                if not left[suite.shares]:
                    # One that cannot rest costs time, and no result.
                    with suppress(LayerctlError):
                        cluster.pause()
            return counts

    measuring = [suite for suite in suites if suite.alone]
    beside = [suite for suite in suites if suite.yields and measuring and lanes() > 1]
    others = [suite for suite in suites if suite not in (*measuring, *beside)]
    try:
        for lines, width in (([[one] for one in others], lanes()), ([measuring, beside], 2)):
            with ThreadPoolExecutor(width) as pool:
                for found in pool.map(lambda line: [run(suite) for suite in line], lines):
                    for counts in found:
                        total.add(counts)
    finally:
        if held:
            cluster.resume()
    return total


def test(groups: Sequence[str]) -> int:
    """Run the groups (default: all) and print ``N passed, N failed, N skipped``.

    ``ENGINE=name`` runs only tests with that marker, ``LAYER=n`` those of one layer;
    ``ENGINE=all`` fails when an engine is absent that the committed list does not excuse;
    ``STRICT=1`` turns skips into failures; ``LANES=n`` runs n suites side by side (default 2).

    Raises:
        UsageError: an unknown group, engine or layer.
    """
    unknown = [g for g in groups if g not in GROUPS]
    if unknown:
        raise UsageError(f"no test group '{unknown[0]}'. Groups: {', '.join(GROUPS)}")
    engine, started = os.environ.get("ENGINE", ""), time.monotonic()
    if engine not in ("", "all", *engines.PROBES):
        raise UsageError(f"no engine '{engine}'. Engines: all, {', '.join(engines.PROBES)}")
    hear_interrupts()
    wanted, total = groups or GROUPS, Counts()
    checks = [c for c in CHECKS if c.group in wanted and engine in ("", "all") and here(c.cwd)]
    suites = [s for s in SUITES if s.group in wanted and here(s.cwd)]
    whole = not os.environ.get("LAYER")
    needed = {"layerctl", *(s.project for s in suites)}
    environments.setup([p for p in PROJECTS if whole or p in needed], level="dev", check=False)
    with ThreadPoolExecutor(lanes()) as pool:
        for counts in pool.map(run_check, checks):
            total.add(counts)
    total.add(run_suites(suites, engine))
    for reason in engines.unexpected() if engine == "all" else ():
        total.fail(reason)
    for reason in total.reasons:
        say(f"skipped: {reason}")
    if os.environ.get("STRICT") == "1":
        total = total.strict()
    for line in total.by_engine():
        say(line)
    for failure in total.failures:
        say(f"failed: {failure}")
    say(f"{time.monotonic() - started:.0f} s; logs in {LOGS}")
    print(total.line())
    return int(bool(total.failed) or not total.of("passed"))
