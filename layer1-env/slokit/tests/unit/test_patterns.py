"""One pattern, every Python: what old ones cannot read is written in another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slokit import patterns
from slokit.formats import DATA

NO_OBJECT = '{"a":1,}'
PIECES = ["{", "}", '"a"', '"', ":", ",", " ", "1", "-1.5e3", "null", r"\n", r"\ud83d", r"\ude00"]


@pytest.mark.parametrize(
    ("possessive", "without"),
    [
        ("(?:a)*+b", "(?>(?:a)*)b"),
        ("(a(?:b|c)++)?+", "(?>(a(?>(?:b|c)+))?)"),
        (r"[)(*+]*+\)*+(x)", r"[)(*+]*+\)*+(x)"),
        (r"(?:[^\]]\()*+", r"(?>(?:[^\]]\()*)"),
    ],
)
def test_possessive_groups_become_atomic_and_nothing_else_changes(
    possessive: str, without: str
) -> None:
    assert patterns.atomic(possessive) == without


def test_the_groups_of_a_pattern_keep_their_numbers() -> None:
    for text in DATA["patterns"].values():
        groups = patterns.compiled(text, sound=True).groups
        assert patterns.compiled(text, sound=False).groups == groups


def test_a_possessive_count_would_have_to_be_known_here() -> None:
    assert not any("}+" in text for text in DATA["patterns"].values())


def test_no_list_with_an_end_that_is_missing_is_an_object() -> None:
    assert not patterns.compiled(DATA["patterns"]["json_object"], sound=False).fullmatch(NO_OBJECT)


@pytest.mark.skipif(
    not patterns.SOUND,
    reason="this Python reads one of them wrongly; enable: SIX_LAYERS_PYTHON=python3.12 make test",
)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_both_ways_to_write_it_match_the_same(text: str) -> None:
    for name in ("json_object", "clf"):
        pattern = DATA["patterns"][name]
        ways = [patterns.compiled(pattern, sound=sound).fullmatch(text) for sound in (True, False)]
        assert [found and found.groups() for found in ways] == [ways[0] and ways[0].groups()] * 2
