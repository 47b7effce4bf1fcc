"""What makes slokit's patterns fast in Java and must not change what they match."""

import re

import pytest

from hop_etl import patterns
from slokit.formats import DATA

# What may stand after a class: its end, the end of its group, a first escape, another escape.
AFTER = re.compile(r'\)?"|\(\?:\\\\|\)\*\+"')


def followed(pattern: str, ours: str) -> list[str]:
    """What stands after each possessive use of a class."""
    return re.split(re.escape(ours) + r"[*+]\+", pattern)[1:]


@pytest.mark.parametrize("ours", patterns.JAVA_CLASSES)
def test_a_class_that_gives_nothing_back_may_be_greedy(ours):
    rests = [rest for text in DATA["patterns"].values() for rest in followed(text, ours)]
    assert rests
    assert [rest for rest in rests if not AFTER.match(rest)] == []


def test_that_test_notices_what_the_class_takes_itself():
    ours = next(iter(patterns.JAVA_CLASSES))
    assert not AFTER.match(*followed(f"{ours}*+x", ours))


def test_no_class_and_no_possessive_of_one_is_left():
    for name in DATA["patterns"]:
        java = patterns._whole(name)
        for ours, theirs in patterns.JAVA_CLASSES.items():
            assert ours not in java
            assert theirs + "*+" not in java
            assert theirs + "++" not in java
