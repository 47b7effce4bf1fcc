from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slokit import burn
from slokit.budget import Events, Objective, budget_left, burn_rate, whole_percent
from slokit.burn import DEFAULT_BURN, BurnWindow, alert_threshold, detection_time
from slokit.errors import NoDataError, ObjectiveError

THREE_NINES = Objective(0.999)
HOUR = timedelta(hours=1)


def test_failing_exactly_as_much_as_allowed_burns_at_rate_one() -> None:
    # In floats (1 - 0.999) * 1000 is 1.0000000000000009, and this would not be exact.
    assert burn_rate(Events(good=999, total=1000), THREE_NINES) == 1
    assert budget_left(Events(good=999, total=1000), THREE_NINES) == 0


def test_what_is_left_is_rounded_down() -> None:
    assert [whole_percent(left) for left in (0.747, 0.29, 1.0, 0.0, -0.003)] == [
        "74 %", "29 %", "100 %", "0 %", "-1 %",
    ]  # fmt: skip


def test_what_may_fail() -> None:
    assert Objective(0.995).may_fail(5000) == 25
    assert Objective(0.995).may_fail(199) == 0
    assert Objective(0.995).least_events == 200
    assert Objective(0.9999999).least_events == 10_000_000


def test_workbook_thresholds_are_computed_not_typed() -> None:
    # Table 5-8: 2 % in 1 h, 5 % in 6 h, 10 % in 3 d of a 30-day window.
    assert alert_threshold(THREE_NINES, spent=0.02, within=HOUR) == pytest.approx(14.4)
    assert alert_threshold(THREE_NINES, spent=0.05, within=6 * HOUR) == pytest.approx(6)
    assert alert_threshold(THREE_NINES, spent=0.10, within=timedelta(days=3)) == pytest.approx(1)


def test_the_default_pairs() -> None:
    assert [pair.threshold(THREE_NINES) for pair in DEFAULT_BURN] == pytest.approx([14.4, 6, 3])


def test_thresholds_follow_the_window() -> None:
    week = Objective(0.999, timedelta(days=7))
    assert alert_threshold(week, spent=0.02, within=HOUR) == pytest.approx(3.36)


def test_a_pair_fires_only_when_both_windows_burn() -> None:
    page = DEFAULT_BURN[0]
    hot, cool, none = Events(980, 1000), Events(990, 1000), Events(0, 0)  # 20, 10 times too fast
    assert page.fires(THREE_NINES, long=hot, short=hot)
    assert not page.fires(THREE_NINES, long=hot, short=cool)
    assert not page.fires(THREE_NINES, long=cool, short=hot)
    assert not page.fires(THREE_NINES, long=hot, short=none)
    # At its threshold a budget lasts as long as planned: 144 of 10,000 are 14.4 times one in 1,000.
    assert page.threshold(THREE_NINES) == 14.4
    limit, over = Events(9856, 10_000), Events(9855, 10_000)
    assert not page.fires(THREE_NINES, long=limit, short=limit)
    assert page.fires(THREE_NINES, long=over, short=over)


def test_these_tests_notice_a_pair_that_fires_on_one_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control."""
    monkeypatch.setattr(burn, "all", any, raising=False)
    with pytest.raises(AssertionError):
        test_a_pair_fires_only_when_both_windows_burn()


def test_a_total_outage_is_seen_within_a_minute() -> None:
    # 14.4 * 0.1 % = 1.44 % of the hour: 51.84 s.
    seen = detection_time(1.0, 14.4, THREE_NINES, within=HOUR)
    assert seen is not None
    assert seen.total_seconds() == pytest.approx(51.84)


def test_a_failure_at_the_threshold_is_seen_when_the_window_ends() -> None:
    # 10 * 0.1 % = 1 % of the hour, failing at 1 %.
    assert detection_time(0.01, 10, THREE_NINES, within=HOUR) == HOUR


def test_a_failure_below_the_threshold_is_never_seen() -> None:
    assert detection_time(0.0143, 14.4, THREE_NINES, within=HOUR) is None
    assert detection_time(0.0, 14.4, THREE_NINES, within=HOUR) is None


def test_no_traffic_is_not_a_perfect_record() -> None:
    for ask in (burn_rate, budget_left):
        with pytest.raises(NoDataError):
            ask(Events(0, 0), THREE_NINES)


@pytest.mark.parametrize("target", [0, 1, -0.5, 99.9, float("nan"), float("inf")])
def test_an_objective_that_cannot_be_missed_is_refused(target: float) -> None:
    with pytest.raises(ObjectiveError, match=r"99\.5 % is 0\.995"):
        Objective(target)


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(ObjectiveError, match="window"):
        Objective(0.9, timedelta(0))


@pytest.mark.parametrize(
    ("spent", "long", "short"), [(0, 2, 1), (1.1, 2, 1), (0.1, 1, 1), (0.1, 1, 2), (0.1, 1, 0)]
)
def test_impossible_pairs_are_refused(spent: float, long: int, short: int) -> None:
    with pytest.raises(ObjectiveError, match=r"spent must be|want 0 < short < long"):
        BurnWindow(spent, long * HOUR, short * HOUR, "page")


def test_a_pair_may_wait_for_the_whole_budget() -> None:
    assert BurnWindow(1, 2 * HOUR, HOUR, "page").spent == 1


@pytest.mark.parametrize(("good", "total"), [(5, 3), (-1, 3), (0, -1)])
def test_impossible_counts_are_refused(good: int, total: int) -> None:
    with pytest.raises(ValueError, match="good"):
        Events(good, total)


counts = st.integers(0, 10**9)


@given(counts, counts, counts, counts)
def test_windows_add_up_by_events_not_by_ratio(good: int, bad: int, good2: int, bad2: int) -> None:
    first, second = Events(good, good + bad), Events(good2, good2 + bad2)
    both = first + second
    if both.total:
        assert float(both.failure) == pytest.approx((bad + bad2) / (good + bad + good2 + bad2))
        assert budget_left(both, THREE_NINES) <= 1


@given(st.integers(1, 10**9), st.integers(1, 99_999).map(lambda n: n / 100_000))
def test_the_budget_is_spent_at_the_first_failure_that_may_not_be(
    total: int, target: float
) -> None:
    objective = Objective(target)
    may = objective.may_fail(total)
    assert budget_left(Events(total - may, total), objective) >= 0
    if may < total:
        assert budget_left(Events(total - may - 1, total), objective) < 0
