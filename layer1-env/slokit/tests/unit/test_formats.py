"""The data file keeps to what Python and Java read alike; the rules are in README.md."""

import json
import re
from importlib.resources import files

import pytest

from slokit.formats import DATA, PATTERNS

# Each differs between Python's re and java.util.regex, or depends on flags or locale.
FORBIDDEN = {
    "a class that is ASCII here and Unicode there": r"(?<!\\)(?:\\\\)*\\[dDsSwWbB]",
    "an anchor": r"\\[AZzG]|[$^]",
    "a look-around, flag or named group": r"\(\?[^:]",
    "a backreference": r"\\[1-9]",
    "a nested class or an intersection": r"\[[^\]\\]*(?:\[|&&)",
    "a dot outside a class": r"(?<!\\)\.",
}


def outside_classes(pattern: str) -> str:
    return re.sub(r"\[(?:\\.|[^\]\\])*\]", "[]", pattern)


def offences(pattern: str) -> list[str]:
    bare = outside_classes(pattern)
    return [why for why, regex in FORBIDDEN.items() if re.search(regex, bare)]


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_means_the_same_in_java(name: str) -> None:
    assert offences(DATA["patterns"][name]) == []


@pytest.mark.parametrize(
    "bad", [r"\d+", r"a.b", r"^a", r"a$", r"(?i)a", r"(?P<a>b)", r"(a)\1", r"\Za", r"(?=a)"]
)
def test_these_rules_notice_a_bad_pattern(bad: str) -> None:
    assert offences(bad)


def test_the_reasons_and_routes_stand_once() -> None:
    names = [entry["name"] for entry in DATA["reasons"]]
    assert len(names) == len(set(names))
    assert len(DATA["internal_routes"]) == len(set(DATA["internal_routes"]))


def test_every_name_that_is_used_is_there() -> None:
    for rules in DATA["formats"].values():
        assert set(rules["times"]) <= set(PATTERNS)
        if "duration" in rules:
            assert rules["duration"]["pattern"] in PATTERNS
    clf, plain = DATA["formats"]["clf"], DATA["formats"]["v1"]["plain"]
    assert PATTERNS["clf"].groups == len(clf["groups"])
    assert PATTERNS[plain["pattern"]].groups == len(plain["groups"])
    assert set(plain["groups"]) == set(DATA["formats"]["v1"]["fields"])


def test_what_is_strict_is_plain_with_nothing_left_to_check() -> None:
    """Text by text: the same pattern, with narrower groups for what is checked later."""
    day_and_time = DATA["patterns"]["time_iso"].split(")(?:\\.")[0].removeprefix("(")
    text, narrower = r'[^"\\\x00-\x1f]', r'[^"\\\x00-\x1f\ufffd]'
    wide = DATA["patterns"]["v1_plain"].replace(text, narrower)
    for before, after in (
        (f'"ts":"({narrower}*+)"', f'"ts":"({day_and_time}\\.[0-9]{{3}}Z)"'),
        (f'"route":"({narrower}*+)"', f'"route":"({narrower}++)"'),
        ('"status":(0|[1-9][0-9]{0,17})', f'"status":({DATA["patterns"]["status"]})'),
    ):
        assert wide.count(before) == 1
        wide = wide.replace(before, after)
    strict = DATA["formats"]["v1"]["strict"]
    assert DATA["patterns"][strict["pattern"]] == wide
    assert wide.startswith(strict["begins"].replace("{", "\\{"))


def test_the_file_is_plain_ascii_json_as_a_tool_would_write_it() -> None:
    text = (files("slokit") / "data" / "formats.json").read_text(encoding="ascii")
    assert text == json.dumps(json.loads(text), indent=2) + "\n"
