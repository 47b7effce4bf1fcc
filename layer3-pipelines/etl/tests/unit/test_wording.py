from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop_etl import wording


def test_one_failure_in_a_million_is_not_100_percent():
    assert wording.percent(999_999 / 1_000_000) == "99.99 %"
    assert wording.percent(1.0) == "100.00 %"
    assert wording.percent(None) == "no data"


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_share_is_never_shown_higher_than_it_is(total, failed):
    share = 1 - min(failed, total) / total
    assert float(wording.percent(share).rstrip(" %")) / 100 <= share + 1e-11


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.64, "64 %"), (0.004, "0 %"), (-0.001, "-1 %"), (-3, "-300 %"), (0, "0 %")],
)
def test_the_budget_left_is_rounded_down(share, shown):
    assert wording.left(share) == shown


@pytest.mark.parametrize(
    ("target", "shown"), [(0.995, "99.5 %"), (0.99, "99 %"), (0.9999, "99.99 %")]
)
def test_a_goal_has_the_digits_it_was_given(target, shown):
    assert wording.goal(target) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.4, "less than 1 s"),
        (1, "1 s"),
        (20, "20 s"),
        (60, "1 min"),
        (90, "90 s"),
        (840, "14 min"),
        (3_600, "1 h"),
        (86_400, "1 day"),
        (129_600, "36 h"),
        (2_592_000, "30 days"),
        (2_591_999, "30 days"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_fits(seconds, shown):
    assert wording.duration(timedelta(seconds=seconds)) == shown


def test_what_cannot_be_seen_is_written_out():
    assert wording.visible(
        "a\x00\x1b[31m\u202eb\n\ud7ff"
    ) == "a\\x00\\x1b[31m\\u202eb\\n\ud7ff".replace("\\n", "\\x0a").replace(
        "\ud7ff", wording.visible("\ud7ff")
    )
    assert wording.visible("köln ö 漢字 😀") == "köln ö 漢字 😀"


@given(st.text())
def test_visible_text_has_no_invisible_character(text):
    assert all(char.isprintable() for char in wording.visible(text))


@pytest.mark.parametrize(("burn", "shown"), [(None, "no data"), (14.4, "14.4x"), (0, "0.0x")])
def test_a_burn_rate(burn, shown):
    assert wording.rate(burn) == shown


def test_no_time_is_no_data():
    assert wording.moment(None) == "no data"


def test_these_tests_notice_flattering_figures(monkeypatch):
    """The negative control: with plain rounding, one failure in a million becomes 100 %."""
    monkeypatch.setattr(wording, "percent", lambda share: f"{share * 100:.2f} %")
    with pytest.raises(AssertionError):
        test_one_failure_in_a_million_is_not_100_percent()
