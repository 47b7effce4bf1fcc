"""What a run has to do, decided from the manifest alone: no Spark, no reading of lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from hop_etl.inputs import Input
from hop_etl.manifest import Entry, entry_of, totals


@dataclass(frozen=True, slots=True)
class Plan:
    """Entries in the order of the inputs, and the numbers of those that must be read."""

    entries: list[Entry]
    to_read: list[int]
    unchanged: bool


def plan(inputs: list[Input], before: list[Entry]) -> Plan:
    """Read what is new or changed; take over what is known, also under a new name.

    Args:
        inputs: what was asked for, checked.
        before: entries of the current version, none if its recipe is another.
    """
    known = {entry.identity: entry for entry in before}
    entries, to_read = [], []
    for number, one in enumerate(inputs):
        entry = entry_of(one)
        if (old := known.get(one.identity)) is None:
            to_read.append(number)
        else:
            entry.hours, entry.rejects = old.hours, old.rejects
        entries.append(entry)
    names = [(entry.file, entry.identity) for entry in entries]
    unchanged = not to_read and names == [(entry.file, entry.identity) for entry in before]
    return Plan(entries, to_read, unchanged)


def stale_hours(now: Iterable[Entry], before: Iterable[Entry]) -> set[int]:
    """Hours that do not hold the lines they held before; one that is gone is not among them."""
    old = totals(before)
    return {start for start, found in totals(now).items() if old.get(start) != found}


def readers_of(hours: set[int], entries: list[Entry], done: Iterable[int]) -> list[int]:
    """Inputs not read yet that hold lines of these hours."""
    skip = set(done)
    return [
        number
        for number, entry in enumerate(entries)
        if number not in skip and not hours.isdisjoint(entry.hours)
    ]
