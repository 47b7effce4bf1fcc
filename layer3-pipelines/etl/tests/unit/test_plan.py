from pathlib import Path

import pytest

from hop_etl import plan as planning
from hop_etl.inputs import Input
from hop_etl.manifest import Entry, Hour, Reject
from hop_etl.plan import plan, readers_of, stale_hours

TEN, ELEVEN, NOON = 36_000, 39_600, 43_200


def log(name: str, inode: int) -> Input:
    identity = (1, inode, 100, 0)
    return Input(name, Path("/logs") / name, identity, gzip=False, lines=5, live=False, own=True)


def known(name: str, inode: int, **hours: int) -> Entry:
    """What a version holds of a log; hours as ``h36000=lines``."""
    held = {int(start[1:]): Hour(lines, digest=lines * 7) for start, lines in hours.items()}
    return Entry(name, (1, inode, 100, 0), gzip=False, lines=5, hours=held)


def test_only_what_is_new_is_read_and_the_rest_is_taken_over():
    old = known("old.log", 1, h36000=4)
    old.rejects = [Reject("json", 1, "x")]
    made = plan([log("new.log", 2), log("old.log", 1)], [old])
    assert (made.to_read, made.unchanged) == ([0], False)
    assert [entry.file for entry in made.entries] == ["new.log", "old.log"]
    assert [entry.hours for entry in made.entries] == [{}, old.hours]
    assert [entry.rejects for entry in made.entries] == [[], old.rejects]


def test_the_same_logs_are_unchanged():
    before = [known("a.log", 1), known("b.log", 2)]
    made = plan([log("a.log", 1), log("b.log", 2)], before)
    assert (made.to_read, made.unchanged) == ([], True)


@pytest.mark.parametrize(
    "logs",
    [
        [log("a.log.1", 1), log("b.log", 2)],  # rotated: the rows of `rejects` have its name
        [log("b.log", 2), log("a.log", 1)],
        [log("a.log", 1)],
    ],
)
def test_another_name_order_or_number_is_a_change_without_reading(logs: list[Input]):
    made = plan(logs, [known("a.log", 1), known("b.log", 2)])
    assert (made.to_read, made.unchanged) == ([], False)


def test_an_hour_is_stale_when_it_does_not_hold_what_it_held():
    before = [known("a.log", 1, h36000=4, h39600=1), known("b.log", 2, h39600=2)]
    # Eleven's lines have moved to another file, noon's are new, ten's are gone.
    now = [known("c.log", 3, h39600=3), known("d.log", 4, h43200=1)]
    assert stale_hours(now, before) == {NOON}
    assert stale_hours([known("a.log", 1, h36000=5)], before) == {TEN}
    assert stale_hours([], before) == set()


def test_a_stale_hour_is_read_from_all_logs_that_hold_it_once():
    entries = [known("a", 1, h36000=1), known("b", 2, h39600=1), known("c", 3, h36000=1, h43200=1)]
    assert readers_of({TEN, NOON}, entries, done=[0]) == [2]
    assert readers_of({TEN}, entries, done=[]) == [0, 2]
    assert readers_of({ELEVEN}, entries, done=[1]) == []


def test_these_tests_notice_a_log_that_is_read_twice(monkeypatch: pytest.MonkeyPatch):
    """The negative control: with every log taken for new, nothing would be taken over."""
    monkeypatch.setattr(planning, "entry_of", lambda one: known(one.file, 0))
    with pytest.raises(AssertionError):
        test_the_same_logs_are_unchanged()
