"""``deliverables.toml``: what there is, what runs it, and how each check is made to fail."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.evidence import MARKS
from layerctl.paths import EVIDENCE, LAYERS, ROOT

FILE = ROOT / "deliverables.toml"
# The curriculum: how many deliverables and concepts each layer has.
DELIVERABLES = {0: 5, 1: 4, 2: 5, 3: 5, 4: 5, 5: 5}
CONCEPTS = {0: 10, 1: 10, 2: 8, 3: 10, 4: 9, 5: 9}
STATES = ("planned", "partial", "built")
BEGIN, END = "<!-- generated: {name} -->", "<!-- end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A deliverable of the curriculum, or a layer's main job.

    ``minutes`` (warm) and ``memory_mb`` (peak of the whole run) are measured, not guessed.
    """

    id: str
    layer: int
    title: str
    state: str = "planned"
    command: str = ""
    engine: str = ""
    mark: str = ""
    evidence: str = ""
    control: str = ""
    minutes: float = 0
    memory_mb: int = 0
    default: bool = False
    run: tuple[str, ...] = ()
    drill: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    note: str = ""

    def problems(self) -> list[str]:
        """What keeps the row from being true."""
        found = []
        if self.layer not in LAYERS:
            found.append(f"layer {self.layer} does not exist")
        if self.state not in STATES:
            found.append(f"state '{self.state}' is none of {', '.join(STATES)}")
        if self.state == "built":
            needed = ("command", "engine", "mark", "evidence", "control", "minutes", "memory_mb")
            found += [f"built, but without {name}" for name in needed if not getattr(self, name)]
        if self.mark and self.mark not in MARKS:
            found.append(f"mark '{self.mark}' is none of {', '.join(MARKS)}")
        if self.state != "planned" and not (ROOT / LAYERS.get(self.layer, "?")).is_dir():
            found.append(f"folder {LAYERS.get(self.layer)} does not exist")
        return [f"{self.id}: {problem}" for problem in found]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole file."""

    deliverables: tuple[Row, ...]
    jobs: tuple[Row, ...]
    concepts: tuple[dict[str, Any], ...]

    def problems(self) -> list[str]:
        """Everything that is wrong with it; empty when it is sound."""
        found = [p for row in (*self.deliverables, *self.jobs) for p in row.problems()]
        wanted = [f"{n}.{k + 1}" for n, count in DELIVERABLES.items() for k in range(count)]
        if [row.id for row in self.deliverables] != wanted:
            found.append(f"deliverables must be {', '.join(wanted)} in this order")
        terms = [f"c{n}.{k + 1}" for n, count in CONCEPTS.items() for k in range(count)]
        if [concept.get("id") for concept in self.concepts] != terms:
            found.append(f"concepts must be {', '.join(terms)} in this order")
        for concept in self.concepts:
            lesson = concept.get("lesson", "")
            if lesson and not (ROOT / lesson).exists():
                found.append(f"{concept['id']}: lesson {lesson} does not exist")
        return found

    def missing_evidence(self) -> list[str]:
        """Rows that are built and native, yet have no evidence of a run that passed."""
        found = []
        for row in (*self.deliverables, *self.jobs):
            if row.state == "built" and row.engine == "native":
                path = EVIDENCE / Path(row.evidence).name
                if not path.exists() or json.loads(path.read_text("utf-8"))["result"] != "passed":
                    found.append(f"{row.id}: no evidence of a run that passed. Next: {row.command}")
        return found


def frozen(row: dict[str, Any]) -> dict[str, Any]:
    """A TOML table with its lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def load(path: Path = FILE) -> Manifest:
    """Read the manifest.

    Raises:
        LayerctlError: it is missing, not TOML, or has an unknown key.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        rows, jobs = ([Row(**frozen(row)) for row in data[kind]] for kind in ("deliverable", "job"))
        return Manifest(tuple(rows), tuple(jobs), tuple(data["concept"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise LayerctlError(f"{path}: {error}", "git diff deliverables.toml") from error


def matrix(manifest: Manifest) -> list[dict[str, Any]]:
    """One entry for each layer in which something runs, for the CI matrix.

    ``engines`` are the names for ``.ci/engines/up``, separated by spaces; ``proof`` says whether
    ``make layerN`` has something to run and so makes evidence.
    """
    rows = [r for r in (*manifest.deliverables, *manifest.jobs) if r.state != "planned"]
    entries = []
    for layer in sorted({row.layer for row in rows}):
        engines = {row.engine for row in rows if row.layer == layer} - {"", "native"}
        entry = {"layer": layer, "folder": LAYERS[layer], "engines": " ".join(sorted(engines))}
        proof = any(row.default and row.run for row in rows if row.layer == layer)
        entries.append(entry | {"proof": proof})
    return entries


def table(manifest: Manifest) -> str:
    """The README's table of deliverables, in Markdown."""
    lines = ["| id | deliverable | state | run it | mark |", "|---|---|---|---|---|"]
    for row in manifest.deliverables:
        state = f"{row.state}: {row.note}" if row.note else row.state
        command = f"`{row.command}`" if row.command else ""
        lines.append(f"| {row.id} | {row.title} | {state} | {command} | {row.mark} |")
    done = {state: sum(row.state == state for row in manifest.deliverables) for state in STATES}
    lines += [
        "",
        f"{len(manifest.deliverables)} deliverables: {done['built']} built, "
        f"{done['partial']} in part, {done['planned']} planned. "
        "Planned means that nothing of it is here yet.",
    ]
    return "\n".join(lines)


def replace_region(text: str, name: str, body: str) -> str:
    """``text`` with the generated region ``name`` replaced by ``body``.

    Raises:
        LayerctlError: the region's markers are not there exactly once.
    """
    begin = BEGIN.format(name=name)
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(END)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise LayerctlError(f"want the markers {begin} and {END} exactly once")
    return pattern.sub(lambda _: f"{begin}\n{body}\n{END}", text)
