from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop_etl import series
from slokit.budget import Objective, budget_left
from slokit.sli import Counts

TARGET = Objective(0.99)


def windows(*totals, window_s=300):
    """(total, failed) by window; None is a gap."""
    return {
        number * window_s: Counts(total=pair[0], good=pair[0] - pair[1])
        for number, pair in enumerate(totals)
        if pair
    }


def test_one_window_is_one_point():
    assert series.points(windows((10, 1)), 300, "availability") == [
        series.Point(0, 300, 0.9, 0.9, 10)
    ]


def test_a_step_keeps_the_worst_window_that_its_mean_hides():
    found = series.points(windows((100, 0), (100, 50)), 600, "availability")
    assert found == [series.Point(0, 600, 0.75, 0.5, 200)]


def test_a_gap_is_neither_a_point_nor_bridged():
    found = series.points(windows((1, 0), None, (1, 0), (1, 0)), 300, "availability")
    assert [[point.start for point in run] for run in series.runs(found)] == [[0], [600, 900]]
    assert list(series.runs([])) == []


def test_requests_without_a_duration_are_no_latency():
    assert series.points(windows((10, 1)), 300, "latency") == []
    assert series.burn_down(windows((10, 1)), 300, "latency", TARGET) == []


def test_the_budget_burns_from_whole_to_what_the_verdict_says():
    # 400 * 1 % = 4 may fail: 1, then 3 more.
    line = series.burn_down(windows((200, 1), (200, 3)), 300, "availability", TARGET)
    assert [(point.at, point.left, point.failed) for point in line] == [
        (0, 1.0, 0),
        (300, 0.75, 1),
        (600, 0.0, 4),
    ]


pairs = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda p: (max(p), min(p)))


@given(st.lists(pairs, min_size=1, max_size=30), st.sampled_from([300, 600, 3600]))
def test_steps_lose_no_event(found, step):
    made = windows(*found)
    total, failed = sum(pair[0] for pair in found), sum(pair[1] for pair in found)
    assert sum(point.total for point in series.points(made, step, "availability")) == total
    line = series.burn_down(made, step, "availability", TARGET)
    if total:
        events = Counts(total=total, good=total - failed).availability_events
        assert line[-1].left == pytest.approx(budget_left(events, TARGET))
        assert all(a.left >= b.left for a, b in pairwise(line))


@pytest.mark.parametrize(
    ("count", "window_s", "step"),
    [(1, 300, 300), (10, 300, 300), (240, 300, 300), (241, 300, 600), (8_640, 300, 10_800)],
)
def test_a_month_fits_into_as_many_steps_as_a_day(count, window_s, step):
    made = windows(*[(1, 0)] * count)
    assert series.width(made, window_s, limit=240) == step


def test_the_width_is_that_of_the_span_and_not_of_the_time_since_1970():
    hour = {1_800_000_000 + n * 300: Counts(total=1, good=1) for n in range(12)}
    assert series.width(hour, 300, limit=12) == 300
    assert series.width(hour, 300, limit=6) == 600


def test_years_still_fit():
    made = windows((1, 0)) | {86_400 * 36_500: Counts(total=1, good=1)}
    step = series.width(made, 300, limit=240)
    assert step % 300 == 0
    assert 239 <= len(range(0, 86_400 * 36_500 + 300, step)) <= 240


def test_nothing_has_the_width_of_a_window():
    assert series.width({}, 300, limit=240) == 300


def test_these_tests_notice_steps_that_drop_events(monkeypatch):
    """The negative control: when a step keeps one window only, the worst is lost."""

    def first_only(made, step):
        for start in sorted(made):
            if start % step == 0:
                yield start, [made[start]]

    monkeypatch.setattr(series, "_steps", first_only)
    with pytest.raises(AssertionError):
        test_a_step_keeps_the_worst_window_that_its_mean_hides()
