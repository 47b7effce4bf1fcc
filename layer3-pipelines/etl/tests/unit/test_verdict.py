import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import made
import pytest

from hop_etl import tables, verdict, verdict_cli, verdict_text
from hop_etl.errors import InputError
from hop_etl.verdict import judge
from slokit import gate
from slokit.budget import Objective
from slokit.objectives import Service

PROMISED = Service("hop", {"availability": Objective(0.995), "latency": Objective(0.99)})
FILE = {
    "services": {
        "hop": {
            "window_s": 2_592_000,
            "objectives": {
                "availability": {"target": 0.995},
                "latency": {"target": 0.99, "threshold_ms": 250},
            },
        }
    }
}


def judged(folder, *windows, **options):
    return judge(tables.read(made.write(folder, enumerate(windows), **options)), PROMISED)


def test_nine_of_five_thousand_leave_64_percent(tmp_path):
    # 5,000 * 0.5 % = 25 may fail; 9 did: 1 - 9/25 = 64 % left.
    result = judged(tmp_path, made.counts(3_000, failed=4), made.counts(2_000, failed=5))
    availability = result.standings[0]
    assert result.verdict == "SHIP"
    assert availability.may_fail == 25
    assert availability.check.events.failed == 9
    assert availability.left == pytest.approx(0.64)
    assert availability.measured == pytest.approx(0.9982)


def test_a_budget_used_up_to_the_last_failure_freezes(tmp_path):
    result = judged(tmp_path, made.counts(5_000, failed=25))
    assert result.verdict == "FREEZE"
    assert result.reason == "availability: 25 failed, 25 may: the budget is spent"


def test_slow_answers_freeze_too(tmp_path):
    result = judged(tmp_path, made.counts(5_000, slow=51))
    assert result.verdict == "FREEZE"
    assert "latency: 51 failed, 50 may" in result.reason


def test_too_few_requests_are_no_data(tmp_path):
    assert judged(tmp_path, made.counts(199)).verdict == "NO DATA"


def test_no_request_is_no_data_and_never_100_percent(tmp_path):
    result = judged(tmp_path)
    assert result.verdict == "NO DATA"
    assert [standing.measured for standing in result.standings] == [None, None]
    assert "no data" in verdict_text.table(result)


def test_a_log_without_durations_is_judged_by_availability(tmp_path):
    result = judged(tmp_path, made.counts(5_000, failed=3, timed=0), route="*")
    assert result.verdict == "SHIP"
    assert result.standings[1].measured is None
    assert "latency, 250 ms" in verdict_text.table(result)
    assert "no data" in verdict_text.table(result)


def test_a_log_with_few_durations_cannot_be_judged(tmp_path):
    result = judged(tmp_path, made.counts(5_000, timed=99))
    assert result.verdict == "NO DATA"
    assert "latency: 99 events, 100 are needed" in result.reason


def test_failures_older_than_the_window_are_forgiven(tmp_path):
    month = 30 * 86_400 // 300
    link = made.write(
        tmp_path, [(0, made.counts(1_000, failed=900)), (month, made.counts(1_000, failed=1))]
    )
    result = judge(tables.read(link), PROMISED)
    assert result.standings[0].check.events.failed == 1
    # Nothing of this month is older than its last five minutes.
    assert result.first == made.START + timedelta(days=30)
    assert verdict_text.span(result) == "these 5 min, not 30 days"


def test_failures_within_the_window_are_not(tmp_path):
    month = 30 * 86_400 // 300
    link = made.write(
        tmp_path, [(1, made.counts(1_000, failed=900)), (month, made.counts(1_000, failed=1))]
    )
    assert judge(tables.read(link), PROMISED).standings[0].check.events.failed == 901


def test_the_burn_rate_is_that_of_the_newest_windows(tmp_path):
    # The last 5 minutes: 100 of 1,000 failed, 10 % / 0.5 % = 20 times the pace.
    # The last hour: 100 of 12,000, 0.83 % / 0.5 % = 1.67 times. What failed before has no say.
    before, hour = made.counts(1_000, failed=900), [made.counts(1_000)] * 11
    result = judged(tmp_path, before, *hour, made.counts(1_000, failed=100))
    fast = result.standings[0].burning[0]
    assert fast.threshold == pytest.approx(14.4)
    assert fast.rates == (pytest.approx(100 / 12_000 / 0.005), pytest.approx(20))
    assert not fast.firing


def test_an_alert_fires_when_both_windows_burn(tmp_path):
    result = judged(tmp_path, *[made.counts(1_000, failed=100)] * 12)
    assert result.standings[0].burning[0].firing


def test_slow_by_another_threshold_is_refused(tmp_path):
    with pytest.raises(InputError, match="above 100 ms") as caught:
        judged(tmp_path, made.counts(5_000), threshold_ms=100.0)
    assert caught.value.hint == "run the ETL again with these objectives"


def test_the_verdict_is_that_of_the_gate(tmp_path):
    """The same counts, judged by slokit alone."""
    for failed in (0, 24, 25, 26):
        link = made.write(tmp_path / str(failed), [(0, made.counts(5_000, failed=failed))])
        events = verdict.Events(5_000 - failed, 5_000)
        alone = gate.decide({"availability": (Objective(0.995), events)})
        assert judge(tables.read(link), PROMISED).verdict == alone.verdict


def test_the_table_reads_as_documented(tmp_path):
    result = judged(
        tmp_path,
        made.counts(5_000, failed=9, slow=10),
        manifest={"first": "2026-11-23T07:00:00.000Z", "last": "2026-11-23T07:00:20.000Z"},
    )
    assert verdict_text.table(result).splitlines() == [
        "                   goal  measured  may fail  failed  left",
        "availability     99.5 %   99.82 %        25       9  64 %",
        "latency, 250 ms    99 %   99.80 %        50      10  80 %",
        "SHIP (these 20 s, not 30 days); availability: 9 failed, 25 may: 64 % of the budget left;"
        " latency: 10 failed, 50 may: 80 % of the budget left",
    ]


def test_a_full_month_needs_no_warning(tmp_path):
    result = judged(tmp_path, made.counts(5_000), made.counts(5_000), window_s=1_296_000)
    assert verdict_text.span(result) == "these 30 days"


@pytest.fixture
def options(tmp_path):
    def make(*windows, content=FILE, **more):
        promised = tmp_path / "objectives.json"
        promised.write_text(json.dumps(content), "utf-8")
        link = made.write(tmp_path, enumerate(windows), **more)
        return ["verdict", "--tables", str(link), "--objectives", str(promised)]

    return make


def command(argv):
    """What ``hop-etl`` does with the parser that the module adds."""
    import argparse

    parser = argparse.ArgumentParser()
    verdict_cli.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(argv)
    return args.run(args)


@pytest.mark.parametrize(
    ("windows", "code", "word"),
    [
        ([made.counts(5_000)], 0, "SHIP"),
        ([made.counts(5_000, failed=500)], 0, "FREEZE"),
        ([made.counts(5)], 4, "NO DATA"),
        ([], 4, "NO DATA"),
    ],
)
def test_ship_and_freeze_are_both_a_run_that_worked(options, capsys, windows, code, word):
    assert command(options(*windows)) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(word)


def test_a_program_reads_the_same_figures(options, capsys):
    command([*options(made.counts(5_000, failed=9, timed=0)), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "SHIP"
    assert found["objectives"]["availability"]["left"] == pytest.approx(0.64)
    assert found["objectives"]["availability"]["may_fail"] == 25
    assert found["objectives"]["latency"]["measured"] is None
    assert found["objectives"]["availability"]["burn"][0]["threshold"] == pytest.approx(14.4)
    assert found["window_s"] == 2_592_000


def test_objectives_that_cannot_be_read_name_the_file_and_the_next_step(options):
    argv = options(made.counts(5_000), content={"services": {}})
    with pytest.raises(InputError, match=r"objectives\.json has no service 'hop'") as caught:
        command(argv)
    assert "generate.py" in caught.value.hint


def test_the_tables_are_read_by_one_link_even_if_it_moves(tmp_path):
    link = made.write(tmp_path, [(0, made.counts(5_000))], clicks=[("a", 1)])
    read = tables.read(link)
    link.unlink()
    link.symlink_to("nowhere")
    assert read.top_links(10) == [("a", 1)]


def test_windows_add_up_over_routes_and_files(tmp_path):
    link = made.write(
        tmp_path, [(0, made.counts(10, failed=1)), (0, made.counts(5, slow=2)), (1, made.counts(7))]
    )
    windows = tables.read(link).windows
    start = int(made.START.timestamp())
    assert list(windows) == [start, start + 300]
    assert (windows[start].total, windows[start].good, windows[start].slow) == (15, 14, 2)


def test_the_manifest_says_when_and_the_windows_where_it_does_not(tmp_path):
    bounds = {"first": None, "last": None}
    read = tables.read(made.write(tmp_path, [(0, made.counts(1))], manifest=bounds))
    assert read.first == made.START
    assert read.last == made.START + timedelta(seconds=300)
    bounds = {"first": "2026-11-23T07:00:01.500Z", "last": "2026-11-23T07:00:21.500Z"}
    read = tables.read(made.write(tmp_path / "b", [(0, made.counts(1))], manifest=bounds))
    assert read.first == datetime(2026, 11, 23, 7, 0, 1, 500_000, UTC)


def test_the_most_clicked_links_come_first_and_ties_by_name(tmp_path):
    clicks = [("b", 2), ("a", 2), ("c", 1), ("c", 4), ("d", 1)]
    read = tables.read(made.write(tmp_path, [], clicks=clicks))
    assert read.top_links(3) == [("c", 5), ("a", 2), ("b", 2)]


def test_a_hundred_thousand_slugs_are_summed_without_a_row_each(tmp_path):
    clicks = [(f"s{number:06}", 1 + number % 7) for number in range(100_000)]
    read = tables.read(made.write(tmp_path, [], clicks=clicks))
    assert read.top_links(2) == [("s000006", 7), ("s000013", 7)]


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("", "no tables at"),
        ("manifest.json", "no tables at"),
        ("sli", "sli is missing"),
        ("clicks", "clicks is missing"),
        ("rejects", "rejects is missing"),
    ],
)
def test_missing_tables_are_named(tmp_path, missing, message):
    link = made.write(tmp_path, [(0, made.counts(1))])
    if missing:
        (link / missing).rename(tmp_path / "elsewhere")
    else:
        link.unlink()
    with pytest.raises(InputError, match=message):
        tables_in_full(link)


def tables_in_full(link):
    read = tables.read(link)
    return read.top_links(1), read.rejects()


def test_most_rejected_lines_come_first(tmp_path):
    rejects = [("a.log", "blank", "", 1), ("b.log", "json", "{", 7), ("a.log", "json", "{", 7)]
    found = tables.read(made.write(tmp_path, [], rejects=rejects)).rejects()
    assert [(row.file, row.reason, row.lines) for row in found] == [
        ("a.log", "json", 7),
        ("b.log", "json", 7),
        ("a.log", "blank", 1),
    ]


@pytest.mark.parametrize("broken", ["manifest.json", "sli/empty.parquet"])
def test_a_file_that_is_cut_is_named(tmp_path, broken):
    link = made.write(tmp_path, [(0, made.counts(1))])
    (link / broken).write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match=broken.split("/")[0]):
        tables.read(link)


def test_windows_of_two_lengths_are_refused(tmp_path):
    link = made.write(tmp_path, [(0, made.counts(1))])
    other = made.write(tmp_path / "b", [(0, made.counts(1))], window_s=60)
    source = other.resolve() / "sli" / "2026-11-23T07.parquet"
    source.rename(link.resolve() / "sli" / "2026-11-23T08.parquet")
    with pytest.raises(InputError, match="mixes windows"):
        tables.read(link)


def test_no_spark_is_started_for_a_verdict():
    code = "import sys; import hop_etl.verdict_cli; sys.exit('pyspark' in sys.modules)"
    # S603: our own interpreter.
    environment = {"PATH": os.environ["PATH"]}
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    )


def test_these_tests_notice_a_gate_that_waves_everything_through(tmp_path, monkeypatch):
    """The negative control: when a spent budget ships, the freeze test must fail."""

    def lenient(objectives):
        checks = [
            gate.Check(name, *pair, gate.Verdict.SHIP, "fine") for name, pair in objectives.items()
        ]
        return gate.Decision(tuple(checks))

    monkeypatch.setattr(verdict, "decide", lenient)
    with pytest.raises(AssertionError):
        test_a_budget_used_up_to_the_last_failure_freezes(tmp_path)


def test_these_tests_notice_windows_that_never_end(tmp_path, monkeypatch):
    """The negative control of the window: when old failures count for ever, a test must fail."""
    everything = verdict.rolling
    monkeypatch.setattr(
        verdict, "rolling", lambda windows, length, window_s: everything(windows, None, window_s=1)
    )
    with pytest.raises(AssertionError):
        test_failures_older_than_the_window_are_forgiven(tmp_path)


def test_the_fixture_lies_where_the_contract_says(tmp_path):
    link = made.write(tmp_path, [])
    assert link.readlink() == Path("tables.d/000001")


def test_no_tables_yet_says_what_makes_them(options, tmp_path):
    argv = options(made.counts(5_000))
    (tmp_path / "tables").unlink()
    with pytest.raises(InputError, match="no tables at") as caught:
        command(argv)
    assert caught.value.hint
