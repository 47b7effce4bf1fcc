"""``make doctor``: what will run here, and what would enable the rest."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from layerctl import probes
from layerctl.console import GREEN, RED, YELLOW, styled
from layerctl.errors import LayerctlError
from layerctl.manifest import Manifest, load
from layerctl.paths import LAYERS
from layerctl.probes import Probe

# Spark's environment, its data and the report; a local Spark with a 1 GB heap beside hop.
DISK_GB, MEMORY_GB = 2.0, 2.0
# What a layer needs besides Python, and what each further engine adds to it.
NEEDS: dict[int, tuple[str, ...]] = {0: ("Bash",), 3: ("Java",)}
ADDS: dict[int, tuple[str, ...]] = {
    1: ("Bash",),
    2: ("Bash", "Docker", "PostgreSQL"),
    3: ("Bash", "Docker", "Compose", "kind", "systemd"),
    4: ("terraform", "Docker"),
    5: ("Prometheus", "HAProxy", "PostgreSQL"),
}


@dataclass(frozen=True)
class Report:
    """What was found on this machine."""

    programs: dict[str, Probe]
    ports: dict[str, Probe]
    memory_gb: float
    disk_gb: float
    manifest: Manifest

    def obstacles(self, layer: int) -> list[str]:
        """Why what is built of the layer cannot run here; empty when it can."""
        found = []
        if not self.built(layer):
            found.append(f"make layer{layer} has nothing to run yet (see the table in README.md)")
        if layer == 3 and self.disk_gb < DISK_GB:
            found.append(f"needs {DISK_GB:.0f} GB of disk, {self.disk_gb:.1f} are free")
        if layer == 3 and 0 < self.memory_gb < MEMORY_GB:
            found.append(f"needs {MEMORY_GB:.0f} GB of memory, {self.memory_gb:.1f} are free")
        for name in NEEDS.get(layer, ()):
            probe = self.programs[name]
            if not probe.usable:
                found.append(f"{name}: {probe.detail}. Next: {probe.enable}")
        return found

    def built(self, layer: int) -> list[str]:
        """Titles of what ``make layerN`` runs."""
        rows = (*self.manifest.jobs, *self.manifest.deliverables)
        return [r.title for r in rows if r.layer == layer and r.default and r.state != "planned"]

    def can_run(self, layer: int) -> bool:
        """Whether ``make layerN`` has something to run, and can."""
        return not self.obstacles(layer)

    def layer_lines(self, layer: int) -> list[str]:
        """The layer's lines in the report."""
        obstacles = self.obstacles(layer)
        mark = styled("no   ", YELLOW) if obstacles else styled("ready", GREEN)
        what = "; ".join(obstacles) or "; ".join(self.built(layer))
        lines = [f"layer{layer}  {mark}  {what}"]
        for name in ADDS.get(layer, ()):
            probe = self.programs[name]
            if not probe.usable and not obstacles:
                lines.append(f"        {name} would add to it: {probe.enable}")
        return lines

    def text(self, layer: int | None = None) -> str:
        """For people."""
        cores, python = os.cpu_count() or 0, sys.version.split()[0]
        head = f"Python {python} - {cores} cores - {self.memory_gb:.0f} GB memory free"
        head += f" - {self.disk_gb:.0f} GB disk free"
        lines = [head, ""]
        for probe in self.programs.values():
            mark = styled("found  ", GREEN) if probe.usable else styled("missing", RED)
            enable = f"   enable: {probe.enable}" if not probe.usable else ""
            lines.append(f"{mark}  {probe.name:<11} {probe.detail}{enable}")
        taken = [f"{p.name} {p.detail} ({p.enable})" for p in self.ports.values() if not p.usable]
        lines.append("ports    " + ("; ".join(taken) or f"all {len(self.ports)} of ours are free"))
        lines.append("")
        for number in LAYERS if layer is None else (layer,):
            lines += self.layer_lines(number)
        runnable = [n for n in LAYERS if self.can_run(n)]
        best = 3 if 3 in runnable else next(iter(runnable), None)
        lines.append(
            "Next: " + (f"make layer{best}" if best is not None else "see the lines marked no")
        )
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        return {
            "memory_gb": round(self.memory_gb, 1),
            "disk_gb": round(self.disk_gb, 1),
            "programs": {name: probe.as_dict() for name, probe in self.programs.items()},
            "ports": {name: probe.as_dict() for name, probe in self.ports.items()},
            "layers": {
                f"layer{n}": {"ready": self.can_run(n), "why": self.obstacles(n)} for n in LAYERS
            },
        }


def examine() -> Report:
    """Look at this machine; changes nothing."""
    programs = {name: probe() for name, probe in probes.PROGRAMS.items()}
    ports = {name: probes.port(name, number) for name, number in probes.PORTS.items()}
    try:
        manifest = load()
    except LayerctlError as error:
        raise LayerctlError(f"the manifest cannot be read: {error}") from error
    return Report(programs, ports, probes.memory_gb(), probes.disk_gb(), manifest)
