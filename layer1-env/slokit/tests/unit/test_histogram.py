import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slokit import histogram
from slokit.histogram import BUCKETS_MS, Latency


def filled(durations: list[float]) -> Latency:
    latency = Latency()
    for duration in durations:
        latency.add(duration)
    return latency


def test_a_bound_belongs_to_its_bucket() -> None:
    assert filled([0, 5, 5.001, 250, 250.1, 9999]).as_dict() == {
        "buckets_ms": list(BUCKETS_MS),
        "counts": [2, 1, 0, 0, 0, 1, 1, 0, 0, 1],
        "timed": 6,
    }


def test_no_durations_no_quantile() -> None:
    assert Latency().quantile(0.5) is None


@given(
    st.lists(st.floats(0.01, 1e9), min_size=1, max_size=50),
    st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]),
)
def test_a_quantile_is_at_most_one_percent_off(durations: list[float], share: float) -> None:
    exact = sorted(durations)[max(1, math.ceil(share * len(durations))) - 1]
    assert filled(durations).quantile(share) == pytest.approx(exact, rel=0.01)


def test_the_sketch_stays_small() -> None:
    latency = filled([0, 0.0001, *(1.001**n for n in range(40_000)), 1e300])
    assert len(latency._steps) <= 2001
    assert latency.quantile(0) == 0


def test_these_tests_notice_a_bound_in_the_wrong_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    from bisect import bisect_right

    monkeypatch.setattr(histogram, "bisect_left", bisect_right)
    with pytest.raises(AssertionError):
        test_a_bound_belongs_to_its_bucket()
