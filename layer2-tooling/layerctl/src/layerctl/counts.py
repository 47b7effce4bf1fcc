"""Tests by engine and result, from the JUnit files that every runner here writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

NATIVE = "native"
OUTCOMES = ("passed", "failed", "skipped")


@dataclass
class Counts:
    """Tests by (engine, result); what failed, by name; why some were skipped."""

    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def succeed(self, engine: str = NATIVE) -> None:
        """One test passed."""
        self.tally[engine, "passed"] += 1

    def fail(self, what: str, engine: str = NATIVE) -> None:
        """One test failed: ``what`` names it."""
        self.tally[engine, "failed"] += 1
        self.failures.append(what)

    def skip(self, reason: str, engine: str = NATIVE) -> None:
        """One test was skipped: ``reason`` names it, and says what would enable it."""
        self.tally[engine, "skipped"] += 1
        self.reasons.append(reason)

    def add(self, other: Counts) -> None:
        """Sum up."""
        self.tally.update(other.tally)
        self.failures += other.failures
        self.reasons += other.reasons

    def of(self, outcome: str) -> int:
        """How many tests ended so, on all engines."""
        return sum(n for (_, each), n in self.tally.items() if each == outcome)

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.of("failed")

    def line(self) -> str:
        """The closing line, plain, as CI reads it."""
        return ", ".join(f"{self.of(each)} {each}" for each in OUTCOMES)

    def by_engine(self) -> list[str]:
        """One line an engine."""
        return [
            f"  {engine:<11}" + ", ".join(f"{self.tally[engine, each]} {each}" for each in OUTCOMES)
            for engine in sorted({engine for engine, _ in self.tally})
        ]

    def strict(self) -> Counts:
        """The same with every skip a failure."""
        strict = Counts(self.tally.copy(), [*self.failures])
        for engine, _ in self.tally:
            strict.tally[engine, "failed"] += strict.tally.pop((engine, "skipped"), 0)
        strict.failures += [f"skipped, and STRICT=1: {reason}" for reason in self.reasons]
        return strict


def first_line(element: ET.Element) -> str:
    """What a failure says of itself, in one line of at most 200 characters."""
    text = (element.get("message") or element.text or "no message").strip()
    return text.splitlines()[0][:200]


def read_junit(path: Path, suite: str) -> Counts:
    """Counts from a JUnit file; the name of a failure carries the suite's.

    A file that is missing or cut is one failure: a runner that died has not passed.
    """
    counts = Counts()
    try:
        cases = ET.parse(path).getroot().findall(".//testcase")  # noqa: S314 - our own runners
    except (OSError, ET.ParseError) as error:
        counts.fail(f"{suite}: the runner left no whole report: {error}")
        return counts
    for case in cases:
        found = case.find("properties/property[@name='engine']")
        engine = NATIVE if found is None else found.get("value", NATIVE)
        name, skip = case.get("name"), case.find("skipped")
        bad = next((each for each in case if each.tag in ("failure", "error")), None)
        if bad is not None:
            counts.fail(f"{suite}: {name}: {first_line(bad)}", engine)
        elif skip is not None and skip.get("type") != "pytest.xfail":
            counts.skip(f"{name}: {skip.get('message') or skip.text}", engine)
        else:
            counts.succeed(engine)
    return counts
