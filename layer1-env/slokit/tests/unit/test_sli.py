from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import T0, any_events

from slokit import sli
from slokit.event import Event
from slokit.sli import Counts, Timeline, rolling, window_of


def at(
    seconds: float, status: int = 200, *, ms: float | None = None, route: str = "/{slug}"
) -> Event:
    return Event(T0 + round(seconds * 1000), "GET", route, "/", status, ms)


def counted(*events: Event) -> Counts:
    timeline = Timeline()
    timeline.extend(events)
    return timeline.over(None)


def test_a_server_error_is_bad_and_a_client_error_is_not() -> None:
    assert counted(at(0), at(0, 404), at(0, 499), at(0, 500), at(0, 599)) == Counts(5, 3, 0, 0)


def test_the_threshold_itself_is_fast_and_an_unknown_duration_is_neither() -> None:
    counts = counted(at(0, ms=250.0), at(0, ms=250.001), at(0))
    assert (counts.timed, counts.slow, counts.latency) == (2, 1, 0.5)


def test_each_slow_answer_counts() -> None:
    assert counted(at(0, ms=251.0), at(1, ms=9999.0), at(2, ms=1.0)) == Counts(3, 3, 3, 2)


def test_no_traffic_is_no_data() -> None:
    assert (Counts().availability, Counts().latency) == (None, None)
    assert counted(at(0)).latency is None


def test_probes_do_not_count() -> None:
    assert counted(at(0, route="/livez"), at(0, route="/metrics", status=500)) == Counts()


def test_a_route_that_matched_nothing_is_the_clients_fault_and_counts() -> None:
    assert counted(at(0, 404, route="unmatched")) == Counts(1, 1)


def test_a_window_owns_its_first_instant_and_not_its_last() -> None:
    timeline = Timeline(window_s=300)
    timeline.extend([at(0), at(299.999), at(300)])
    assert [counts.total for counts in timeline.windows.values()] == [2, 1]
    assert window_of(-1, 300) == -300


def test_a_rolling_window_ends_with_the_newest_traffic() -> None:
    windows = {0: Counts(1, 1), 300: Counts(10, 10), 900: Counts(100, 100)}
    length = timedelta(seconds=300)
    assert [rolling(windows, n * length, window_s=300).total for n in (1, 2, 3, 4)] == [
        100,
        100,
        110,
        111,
    ]
    assert rolling(windows, None, window_s=300).total == 111
    assert rolling({}, length, window_s=300) == Counts()


def test_old_windows_are_forgotten_and_late_lines_of_the_span_are_not() -> None:
    day = 86400
    timeline = Timeline(keep=timedelta(days=1))
    timeline.extend(at(n * 300) for n in range(3 * day // 300))
    timeline.add(at(2 * day + 1, 500))
    assert len(timeline.windows) <= 2 * (day // 300 + 1)
    assert timeline.over(timedelta(days=1)) == Counts(day // 300 + 1, day // 300)


def test_memory_is_bounded_by_twice_what_is_kept() -> None:
    # 600 s of windows of 300 s touch three of them; at the seventh all but those are forgotten.
    timeline = Timeline(keep=timedelta(seconds=600))
    timeline.extend(at(n * 300) for n in range(6))
    assert len(timeline.windows) == 6
    timeline.add(at(6 * 300))
    assert [start - T0 // 1000 for start in timeline.windows] == [1200, 1500, 1800]


@given(st.lists(any_events, max_size=30), st.integers(0, 30))
def test_parts_add_up_to_the_whole(events: list[Event], cut: int) -> None:
    whole, parts = counted(*events), counted(*events[:cut])
    parts += counted(*events[cut:])
    assert whole == parts
    assert 0 <= whole.slow <= whole.timed <= whole.total
    assert 0 <= whole.good <= whole.total


def test_these_tests_notice_a_404_counted_as_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""

    def strict(self: Counts, event: Event, *, threshold_ms: float) -> None:
        self.total += 1
        self.good += event.status < 400

    monkeypatch.setattr(sli.Counts, "add", strict)
    with pytest.raises(AssertionError):
        test_a_server_error_is_bad_and_a_client_error_is_not()
