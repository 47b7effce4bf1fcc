import pytest
from bench.figures import COLD, HOT, TAIL, Sample

from bench import figures, postgres, report

BARE = "hop without telemetry"
COSTS = {  # microseconds of CPU a request
    ("baseline", HOT): 900.0,
    ("baseline", COLD): 900.0,
    ("hop", HOT): 100.0,
    ("hop", COLD): 450.0,
    (BARE, HOT): 95.0,
    (BARE, COLD): 440.0,
    ("baseline", TAIL): 900.0,
    ("hop", TAIL): 200.0,
    (BARE, TAIL): 190.0,
}


def rounds(costs=None, n=3):
    """Servers that are busy all the time: the rate is one over the cost."""
    costs = COSTS | (costs or {})
    return [
        Sample(server, load, 1000, cost / 1e6 * 1000, cost / 1e6 * 1000)
        for _ in range(n)
        for (server, load), cost in costs.items()
    ]


def judged(samples, **names):
    return {r.name.split(",")[0]: r for r in figures.results(samples, bare=BARE, **names)}


def test_cheap_enough_is_met():
    found = judged(rounds())
    assert found["hot link"].value == pytest.approx(9)
    assert found["cold link"].value == pytest.approx(2)
    assert found["telemetry"].value == pytest.approx(1 - 190 / 200)
    assert all(result.met for result in found.values())


@pytest.mark.parametrize(
    ("costs", "missed"),
    [
        ({("hop", HOT): 151.0}, "hot link"),
        ({("hop", COLD): 501.0}, "cold link"),
        ({(BARE, TAIL): 179.0}, "telemetry"),
    ],
)
def test_each_target_is_missed_alone(costs, missed):
    assert {name for name, result in judged(rounds(costs)).items() if not result.met} == {missed}


def test_with_hop_and_baseline_exchanged_the_bench_is_red():
    found = judged(rounds(), ours="baseline", baseline="hop")
    assert not found["hot link"].met
    assert not found["cold link"].met


def test_a_target_met_exactly_is_met():
    found = judged(rounds({("hop", HOT): 150.0, ("hop", COLD): 500.0, (BARE, TAIL): 180.0}))
    assert all(result.met for result in found.values())


def test_one_busy_moment_does_not_decide():
    samples = rounds(n=5)
    samples[2] = Sample("hop", HOT, 1000, 5.0, 5.0)
    assert all(result.met for result in judged(samples).values())


def test_a_round_without_its_pair_is_refused():
    with pytest.raises(ValueError, match="zip"):
        judged(rounds()[1:])


def test_a_figure_that_is_no_number_misses():
    assert not figures.Result("x", float("nan"), 1.0, True).met
    assert not figures.Result("x", float("nan"), 1.0, False).met


def test_reader_and_program_get_the_same_figures():
    samples = rounds({("hop", COLD): 501.0})
    found = figures.results(samples, bare=BARE)
    text = report.table(samples, found, {"python": "3"})
    assert "cold link, times as cheap" in text
    assert text.count("MISSED") == 1
    record = report.record(samples, found, {})
    assert [entry["met"] for entry in record["results"]] == [True, False, True]
    assert len(record["samples"]) == len(samples)


def test_without_postgresql_the_reason_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres.Path, "glob", lambda *_: iter(()))
    with pytest.raises(postgres.NoPostgresError, match="apt-get install postgresql"):
        postgres.binaries()


def test_this_suite_notices_a_ratio_upside_down(monkeypatch):
    monkeypatch.setattr(Sample, "cpu_us", property(lambda self: 1 / self.cpu_s))
    with pytest.raises(AssertionError):
        test_cheap_enough_is_met()
