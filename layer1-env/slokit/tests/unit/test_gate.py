import json
from fractions import Fraction
from pathlib import Path

import pytest

from slokit.budget import Events, Objective
from slokit.errors import ObjectiveError
from slokit.gate import Check, Verdict, check, decide
from slokit.objectives import load

GOAL = Objective(0.995)


def verdict(**failed_of: tuple[int, int]) -> Verdict:
    events = {name: (GOAL, Events(total - bad, total)) for name, (bad, total) in failed_of.items()}
    return decide(events).verdict


@pytest.mark.parametrize(
    ("bad", "total", "expected"),
    [
        (0, 0, Verdict.NO_DATA),
        (0, 199, Verdict.NO_DATA),
        (199, 199, Verdict.NO_DATA),  # too few to judge, even if all failed
        (0, 200, Verdict.SHIP),
        (1, 200, Verdict.FREEZE),
        (24, 5000, Verdict.SHIP),
        (25, 5000, Verdict.FREEZE),  # used up is spent
        (5000, 5000, Verdict.FREEZE),
    ],
)
def test_the_verdict(bad: int, total: int, expected: Verdict) -> None:
    assert verdict(availability=(bad, total)) is expected


def test_the_worst_objective_decides() -> None:
    good, spent, none = (0, 1000), (999, 1000), (0, 0)
    assert verdict(availability=good, latency=good) is Verdict.SHIP
    assert verdict(availability=good, latency=(0, 9)) is Verdict.NO_DATA
    assert verdict(availability=none, latency=spent) is Verdict.FREEZE
    assert decide({}).verdict is Verdict.NO_DATA


@pytest.mark.parametrize(
    ("good", "total", "expected", "reason"),
    [
        (9, 9, Verdict.NO_DATA, "latency: 9 events, 200 are needed to judge"),
        (4998, 5000, Verdict.SHIP, "latency: 2 failed, 25 may: 92 % of the budget left"),
        (4975, 5000, Verdict.FREEZE, "latency: 25 failed, 25 may: the budget is spent"),
    ],
)
def test_one_objective_says_what_it_found(
    good: int, total: int, expected: Verdict, reason: str
) -> None:
    events = Events(good, total)
    assert check("latency", GOAL, events) == Check("latency", GOAL, events, expected, reason)


def test_an_objective_without_any_event_has_no_say_beside_another() -> None:
    assert verdict(availability=(0, 1000), latency=(0, 0)) is Verdict.SHIP
    assert verdict(availability=(9, 1000), latency=(0, 0)) is Verdict.FREEZE
    assert verdict(availability=(0, 9), latency=(0, 0)) is Verdict.NO_DATA
    assert verdict(availability=(0, 0), latency=(0, 0)) is Verdict.NO_DATA


def test_the_reason_is_of_those_that_decided() -> None:
    decision = decide(
        {"availability": (GOAL, Events(1000, 1000)), "latency": (GOAL, Events(990, 1000))}
    )
    assert decision.reason == "latency: 10 failed, 5 may: the budget is spent"
    assert [check.verdict for check in decision.checks] == [Verdict.SHIP, Verdict.FREEZE]
    assert decide({}).reason == "no objective"


def test_exit_codes() -> None:
    assert [v.exit_code for v in (Verdict.SHIP, Verdict.FREEZE, Verdict.NO_DATA)] == [0, 3, 4]


def test_these_tests_notice_a_gate_that_always_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(Objective, "allowed_failure", property(lambda _: Fraction(1, 2)))
    with pytest.raises(AssertionError):
        test_the_verdict(25, 5000, Verdict.FREEZE)


FILE = {
    "services": {
        "hop": {
            "window_s": 2592000,
            "objectives": {
                "availability": {"target": 0.995},
                "latency": {"target": 0.99, "threshold_ms": 100},
            },
            "burn": [{"spent": 0.02, "long_s": 3600, "short_s": 300, "severity": "page"}],
        },
        "plain": {"window_s": 604800, "objectives": {"availability": {"target": 0.9}}},
    }
}  # fmt: skip


def test_objectives_are_read_from_the_generated_file(tmp_path: Path) -> None:
    path = tmp_path / "objectives.json"
    path.write_text(json.dumps(FILE))
    hop = load(path, service="hop")
    assert [(name, o.target) for name, o in hop.objectives.items()] == [
        ("availability", 0.995),
        ("latency", 0.99),
    ]
    assert (hop.threshold_ms, hop.window.days, len(hop.burn)) == (100.0, 30, 1)
    plain = load(path, service="plain")
    assert (plain.threshold_ms, plain.window.days, len(plain.burn)) == (250.0, 7, 3)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "bad or missing 'window_s'"),
        (
            {"window_s": 1, "objectives": {}},
            "want objectives for .* or latency, got none",
        ),
        ({"window_s": 1, "objectives": {"beauty": {}}}, "got .'beauty'."),
        ({"window_s": 1, "objectives": {"availability": {"target": 2}}}, "strictly between"),
        ({"window_s": 1, "objectives": {"availability": {"target": "x"}}}, "bad or missing"),
        ({"window_s": 1, "objectives": {"latency": {"target": 0.9}}}, "missing 'threshold_ms'"),
        ({"window_s": 1e99, "objectives": {}}, "bad or missing"),
        ([], "bad or missing"),
    ],
)
def test_a_bad_service_is_named(tmp_path: Path, entry: object, says: str) -> None:
    path = tmp_path / "objectives.json"
    path.write_text(json.dumps({"services": {"hop": entry}}))
    with pytest.raises(ObjectiveError, match=f"service 'hop': .*{says}"):
        load(path, service="hop")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot read objectives: .*No such file"),
        ("x", "is no objectives file"),
        ("[]", "is no objectives file"),
        ('{"services": {"a": {}}}', "has no service 'hop'; it has: a"),
        ('{"services": []}', "it has: none"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "objectives.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ObjectiveError, match=says):
        load(path, service="hop")
