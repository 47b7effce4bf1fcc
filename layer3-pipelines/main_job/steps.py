"""The numbered lines that a run prints."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from layerctl.console import BOLD, styled


class Steps:
    """Counts and times the steps of a job.

    Args:
        total: how many there will be.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time a block; what it appends to the list is shown behind the step's name.

        A step that takes a while is named at once on a terminal, and again with its result.
        """
        number = f"{self.done + 1}/{self.total} {name:<8}"
        if sys.stderr.isatty():
            print(f"{number} ...", end="\r", file=sys.stderr, flush=True)
        started, facts = time.monotonic(), list[str]()
        yield facts
        self.done += 1
        seconds = time.monotonic() - started
        if sys.stderr.isatty():
            print("\x1b[2K", end="", file=sys.stderr, flush=True)
        print(f"{styled(number, BOLD)} {' - '.join(facts):<58} {seconds:5.0f} s", flush=True)
