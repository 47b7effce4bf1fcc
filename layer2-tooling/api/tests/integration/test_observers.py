"""hop without its Collector: no dearer, by a measure that would notice."""

import random
import sys

import pytest
from bench.observers import GOAL, compare, ratio

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="another process's CPU clock is read on Linux only"
)


@linux
def test_without_its_collector_hop_is_not_dearer():
    """Red when even the lower end of what the median may be is above the goal."""
    found = compare(pairs=25)
    assert found.cost.low <= GOAL, f"{found.cost}; two equal ones: {found.noise}"


@linux
def test_an_exporter_that_blocks_requests_is_noticed():
    found = compare(("tests.blocking_hop", "serve"), pairs=12, requests=400)
    assert found.cost.low > GOAL, f"{found.cost}; two equal ones: {found.noise}"


@pytest.mark.parametrize(("dearer", "noticed"), [(1.0, False), (1.15, True)])
def test_a_tenth_more_than_the_goal_is_told_from_noise(dearer, noticed):
    chance = random.Random(3)
    same, away = ([chance.gauss(1, 0.06) for _ in range(25)] for _ in range(2))
    found = ratio([dearer * value for value in away], same)
    assert (found.low > GOAL) is noticed
    assert found.low < found.middle < found.high
