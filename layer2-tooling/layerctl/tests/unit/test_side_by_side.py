"""Which suites run side by side, which take turns, and when the cluster rests."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from layerctl import cluster, testing
from layerctl.checks import Suite
from layerctl.counts import Counts
from layerctl.errors import LayerctlError, UsageError


def test_suites_run_side_by_side_and_a_measuring_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    together, running, seen = threading.Barrier(2), set[str](), dict[str, set[str]]()

    def pretend(suite: Suite, _: str) -> Counts:
        running.add(suite.name)
        if not suite.alone:
            together.wait(timeout=10)  # breaks when the other one is not under way
        seen[suite.name] = set(running)
        running.remove(suite.name)
        return Counts()

    monkeypatch.setenv("LANES", "2")
    monkeypatch.setattr(testing, "run_suite", pretend)
    measuring = Suite("m", "layerctl", Path(), alone=True)
    testing.run_suites([measuring, Suite("a", "etl", Path()), Suite("b", "api", Path())], "")
    assert seen["m"] == {"m"}
    assert set(seen) == {"a", "b", "m"}


@pytest.mark.parametrize(("width", "beside"), [("2", {"m", "c"}), ("1", {"m"})])
def test_one_that_yields_runs_beside_a_measuring_one_where_there_is_a_second_lane(
    width: str, beside: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, seen, order = set[str](), dict[str, set[str]](), list[str]()
    together = threading.Barrier(len(beside))

    def pretend(suite: Suite, _: str) -> Counts:
        running.add(suite.name)
        if suite.name in beside:
            together.wait(timeout=10)
        seen[suite.name] = set(running)
        if suite.name in beside:
            together.wait(timeout=10)
        order.append(suite.name)
        running.remove(suite.name)
        return Counts()

    monkeypatch.setenv("LANES", width)
    monkeypatch.setattr(testing, "run_suite", pretend)
    testing.run_suites(
        [
            Suite("m", "layerctl", Path(), alone=True),
            Suite("c", "slokit", Path(), yields=True),
            Suite("a", "etl", Path()),
        ],
        "",
    )
    assert seen["m"] == beside
    assert "m" not in seen["a"]
    assert sorted(order) == ["a", "c", "m"]


@pytest.mark.parametrize("asked", ["0", "9", "two", "-1", "²"])
def test_lanes_are_a_small_number(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANES", asked)
    with pytest.raises(UsageError, match="from 1 to 8"):
        testing.lanes()


@pytest.mark.parametrize(("shares", "most"), [("cluster", 1), ("", 3)])
def test_suites_that_share_something_take_turns(
    shares: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, running, seen = threading.Barrier(most), list[str](), list[int]()

    def pretend(suite: Suite, _: str) -> Counts:
        running.append(suite.name)
        together.wait(timeout=10)  # breaks when fewer are under way
        time.sleep(0.2)  # others would come now
        seen.append(len(running))
        together.wait(timeout=10)
        running.remove(suite.name)
        return Counts()

    monkeypatch.setenv("LANES", "3")
    monkeypatch.setattr(testing, "run_suite", pretend)
    monkeypatch.setattr(cluster, "pause", lambda: None)
    monkeypatch.setattr(cluster, "resume", lambda: None)
    testing.run_suites([Suite(name, "layerctl", Path(), shares=shares) for name in "abc"], "")
    assert seen == [most] * 3


@pytest.mark.parametrize("broken", [False, True])
def test_the_cluster_rests_when_its_last_suite_has_run(
    broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[str]()

    def pretend(suite: Suite, _: str) -> Counts:
        told.append(suite.name)
        if broken and suite.name == "last":
            raise OSError("no more memory")
        return Counts()

    monkeypatch.setenv("LANES", "1")
    monkeypatch.setattr(testing, "run_suite", pretend)
    monkeypatch.setattr(cluster, "pause", lambda: told.append("pause"))
    monkeypatch.setattr(cluster, "resume", lambda: told.append("resume"))
    named = {"one": "cluster", "two": "", "three": "cluster", "last": ""}
    suites = [Suite(name, "layerctl", Path(), shares=shares) for name, shares in named.items()]
    with pytest.raises(OSError, match="no more memory") if broken else nullcontext():
        testing.run_suites(suites, "")
    assert told == ["one", "two", "three", "pause", "last", "resume"]
    told.clear()
    if not broken:
        testing.run_suites([suites[1], suites[3]], "")
        assert told == ["two", "last"]


def test_a_cluster_that_cannot_rest_costs_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise LayerctlError("docker pause failed")

    passed = Counts()
    passed.succeed()
    monkeypatch.setattr(testing, "run_suite", lambda *_: passed)
    monkeypatch.setattr(cluster, "pause", refuse)
    monkeypatch.setattr(cluster, "resume", lambda: None)
    suites = [Suite("one", "layerctl", Path(), shares="cluster"), Suite("two", "api", Path())]
    assert testing.run_suites(suites, "").of("passed") == 2


@pytest.mark.parametrize(("asked", "wide"), [("", testing.LANES), ("3", 3)])
def test_two_lanes_unless_asked(asked: str, wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANES", asked)
    monkeypatch.delenv("V", raising=False)
    assert testing.lanes() == wide
