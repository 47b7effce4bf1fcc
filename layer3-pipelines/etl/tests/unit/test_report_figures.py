import os
import re
import subprocess
import sys

import pytest

from hop_etl.report import charts_bars, charts_time, figures_counts, figures_time, theme
from hop_etl.report.latency import Histogram
from hop_etl.series import Left, Point
from hop_etl.tables import Reject
from hop_etl.verdict import Standing
from slokit.budget import Objective
from slokit.gate import check
from slokit.sli import Counts

SEVEN = 1_795_417_200  # 2026-11-23 07:00 UTC
HISTOGRAM = Histogram((5, 250, 500), (9_000, 990, 9, 1))


def drawn(chart):
    return theme.svg(chart, width=320, height=200)


def texts(svg):
    return re.findall(r">([^<>]+)</text>", svg)


def standing(total=200, failed=3):
    counts = Counts(total=total, good=total - failed, timed=0)
    objective = Objective(0.99)
    return Standing(check("availability", objective, counts.availability_events), None, ())


def test_a_plot_names_its_goal_and_its_times_in_utc():
    svg = drawn(charts_time.sli([Point(SEVEN, SEVEN + 60, 0.99, 0.99, 10)], 0.995, "red"))
    assert "goal 99.5 %" in texts(svg)
    assert "07:00:00" in texts(svg)


def times_in_new_york(scale):
    """The times on a plot drawn where it is 02:00; ``scale`` is what the plot should say it has."""
    code = f"""
import altair
from hop_etl.report import charts_time, theme
from hop_etl.series import Point
chart = charts_time.sli([Point({SEVEN}, {SEVEN} + 60, 0.9, 0.9, 1)], 0.99, "red")
chart = altair.LayerChart.from_json(chart.to_json().replace('"utc"', '"{scale}"'))
print(theme.svg(chart, width=300, height=200))
"""
    environment = {**os.environ, "TZ": "America/New_York"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return [text for text in texts(done.stdout) if ":" in text]


def test_the_zone_of_the_machine_does_not_move_the_plot():
    """The plots are drawn by an engine that knows the local zone; we say UTC and mean it."""
    assert times_in_new_york("utc")[0] == "07:00:00"


def test_the_zone_test_notices_a_plot_in_local_time():
    """The negative control: the same plot with a local scale shows New York's time."""
    assert times_in_new_york("time")[0] == "02:00:00"


def test_a_gap_breaks_the_line():
    points = [Point(start, start + 1, 1.0, 1.0, 1) for start in (0, 1, 5, 6)]
    svg = drawn(charts_time.sli(points, 0.99, "var(--line)"))
    assert svg.count('stroke="var(--line)" stroke-width="2"') == 2


def test_a_step_below_the_goal_is_marked():
    points = [Point(0, 1, 1.0, 1.0, 1), Point(1, 2, 0.5, 0.5, 1)]
    assert drawn(charts_time.sli(points, 0.99, "red")).count('fill="var(--bad)"') == 1


@pytest.mark.parametrize(
    ("span", "shown"),
    [(60, "07:00:00"), (3_600, "07:00"), (20 * 86_400, "29 Nov"), (800 * 86_400, "Jan 2028")],
)
def test_times_are_as_fine_as_the_span_needs(span, shown):
    line = [Left(SEVEN, 1.0, 0), Left(SEVEN + span, 0.5, 1)]
    assert shown in " ".join(texts(drawn(charts_time.burn_down({"availability": line}))))


def test_a_budget_far_below_zero_is_still_drawn():
    line = [Left(0, 1.0, 0), Left(60, -99.0, 100)]
    svg = drawn(charts_time.burn_down({"availability": line, "latency": line}))
    assert "latency" in texts(svg)
    assert any("0,000%" in text for text in texts(svg))


def test_the_buckets_keep_their_order_and_no_share_reads_as_zero():
    svg = drawn(charts_bars.latency(HISTOGRAM, 250))
    assert [text for text in texts(svg) if text.startswith(("up to", "over 5"))] == [
        "up to 5 ms",
        "up to 250 ms",
        "up to 500 ms",
        "over 500 ms",
    ]
    shares = [text for text in texts(svg) if text.endswith(" %")]
    assert shares == ["90.0 %", "9.9 %", "&lt;0.1 %", "&lt;0.1 %"]


def test_the_most_frequent_stays_on_top():
    svg = drawn(charts_bars.bars([("z", 9), ("a", 5), ("m", 1)], "red"))
    assert [text for text in texts(svg) if text in "zam"] == ["z", "a", "m"]


HOSTILE = "<script>alert(1)</script>\" onload='x' & \u202e$\\frac{"


def test_hostile_names_are_text_in_a_plot():
    svg = drawn(charts_bars.bars([(HOSTILE, 1)], "red"))
    assert "<script" not in svg
    assert "&lt;script" in svg


@pytest.mark.parametrize(
    "chart",
    [
        charts_time.sli([Point(0, 1, 0.5, 0.4, 1), Point(1, 2, 1, 1, 1)], 0.99, "var(--good)"),
        charts_time.burn_down({"availability": [Left(0, 1, 0), Left(1, 0, 1)]}),
        charts_bars.latency(HISTOGRAM, 250),
        charts_bars.bars([("a", 1)], "var(--good)"),
    ],
)
def test_a_plot_has_nothing_that_would_clash_with_another_or_needs_a_file(chart):
    svg = drawn(chart)
    # Every plot stands twice on the page: an id in it would be an id twice.
    for found in (' id="', "url(", "href=", "style=", "<image", "http://www.w3.org/1999/xlink:"):
        assert found not in svg
    assert set(re.findall(r'(?:fill|stroke)="(#[^"]+|[a-z]+)"', svg)) <= {"none", "transparent"}


def test_a_month_is_at_most_180_steps_and_its_table_24():
    windows = {SEVEN + 300 * n: Counts(total=10, good=10) for n in range(8_640)}
    figure = figures_time.sli(standing(), windows, 300)
    assert len(figure.rows) <= 31
    assert "steps of 6 h" in figure.text
    assert "worst 5 min" in figure.text
    assert len(figure.wide) < 100_000


def test_one_window_is_one_step():
    figure = figures_time.sli(standing(), {SEVEN: Counts(total=200, good=197)}, 300)
    assert figure.text == "1 step of 5 min, 1 of them below the goal of 99 %. Lowest 98.50 %."
    assert figure.rows == (("23 Nov 07:00:00", "23 Nov 07:05:00", "200", "98.50 %"),)


@pytest.mark.parametrize(
    "figure",
    [
        figures_counts.latency(None, 250),
        figures_counts.latency(Histogram((5,), (0, 0)), 250),
        figures_counts.links([]),
        figures_time.sli(standing(), {}, 300),
    ],
)
def test_nothing_is_said_not_drawn(figure):
    assert figure.text.startswith("No data")
    assert figure.wide == figure.narrow == ""


def test_no_rejects_are_good_news():
    assert figures_counts.rejects([]).text == "None: every line was understood."


def test_rejects_are_added_up_by_reason_over_files():
    rows = [Reject("a", "json", "{", 2), Reject("b", "json", "{", 3), Reject("a", "blank", "", 4)]
    figure = figures_counts.rejects(rows)
    assert figure.rows == (("json", "5"), ("blank", "4"))
    assert figure.text == "Most: json with 5 lines."
    assert figures_counts.links([("a", 1)]).text == "Most: a with 1 click."


def test_invisible_characters_in_a_slug_are_written_out():
    assert figures_counts.links([("a\u202eb", 1)]).rows == (("a\\u202eb", "1"),)


def test_the_slow_are_those_over_the_threshold():
    text = figures_counts.latency(HISTOGRAM, 250).text
    assert text == "10,000 requests by duration; 10 took longer than 250 ms."


def test_these_tests_notice_bars_in_alphabetical_order(monkeypatch):
    """The negative control: with the order left to Vega, the order test must fail."""
    right = charts_bars._horizontal

    def by_name(found):
        chart = right(found)
        chart.encoding.y.sort = "ascending"
        return chart

    monkeypatch.setattr(charts_bars, "_horizontal", by_name)
    with pytest.raises(AssertionError):
        test_the_most_frequent_stays_on_top()
