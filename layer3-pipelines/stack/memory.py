"""What the stack takes of memory while a block runs, and whether its limits fit that."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from layerctl.errors import LayerctlError
from stack.compose import Stack

UNITS = {"B": 1e-6, "KiB": 1024e-6, "MiB": 1.048576, "GiB": 1073.741824}
PAUSE_S = 3.0
# What a machine must have free for a profile; page cache that can go does not count.
GOAL_MB = {"min": 1500.0}
# A limit closer to the peak kills on the first day with more links; samples miss short peaks too.
HEADROOM = 1.2


@dataclass
class Memory:
    """Megabytes; the working set as Docker counts it, page cache that can go left out."""

    peak_mb: float = 0.0
    by_service: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)

    def note(self, sample: dict[str, tuple[float, float]]) -> None:
        """Take one sample in: what each service takes, and what it may."""
        self.peak_mb = round(max(self.peak_mb, sum(size for size, _ in sample.values())), 1)
        for name, (size, limit) in sample.items():
            self.by_service[name] = round(max(size, self.by_service.get(name, 0.0)), 1)
            # Of a container that has just ended Docker says 0.
            self.limits[name] = round(max(limit, self.limits.get(name, 0.0)), 1)

    def table(self) -> dict[str, str]:
        """Each service's peak and limit, in words."""
        return {
            name: f"{size} of {self.limits[name]}" for name, size in sorted(self.by_service.items())
        }


def within(peak_mb: float, profiles: Sequence[str]) -> None:
    """Hold a peak against what its profile may take.

    Raises:
        LayerctlError: it took more.
    """
    for name, goal in GOAL_MB.items():
        if name in profiles and peak_mb > goal:
            raise LayerctlError(f"profile {name} took {peak_mb:.0f} MB, may take {goal:.0f}")


def fits(memory: Memory) -> None:
    """Hold each service's limit against its peak.

    Raises:
        LayerctlError: a limit leaves less room than ``HEADROOM``, or nothing was measured.
    """
    if not memory.by_service:
        raise LayerctlError("no sample of the containers' memory was taken", "docker stats")
    for name, size in memory.by_service.items():
        if size * HEADROOM > memory.limits[name]:
            raise LayerctlError(
                f"{name} took {size} MB of {memory.limits[name]}: too little room",
                "raise its memory limit in layer3-pipelines/compose.yaml",
            )


def megabytes(text: str) -> float:
    """``45.3MiB`` to 47.5."""
    found = re.match(r"([0-9.]+)([KMG]?i?B)", text)
    return float(found[1]) * UNITS[found[2]] if found else 0.0


def sample(stack: Stack) -> dict[str, tuple[float, float]]:
    """What each running container takes now, and what it may."""
    running = stack.run("ps", "-q").split()
    if not running:
        return {}
    command = ["docker", "stats", "--no-stream", "--format", "{{json .}}", *running]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        name = row["Name"].removeprefix(f"{stack.name}-").rpartition("-")[0]
        used, _, limit = row["MemUsage"].partition(" / ")
        found[name] = megabytes(used), megabytes(limit)
    return found


@contextlib.contextmanager
def watched(stack: Stack) -> Iterator[Memory]:
    """Sample until the block ends."""
    memory, stop = Memory(), threading.Event()

    def watch() -> None:
        while not stop.wait(PAUSE_S):
            memory.note(sample(stack))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()
