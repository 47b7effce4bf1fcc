"""The generator against slokit, the comparison against a changed row, the judgement."""

import sys
from pathlib import Path

import pytest
from bench.tables import totals

from bench import generate, measure, run
from hop_etl import rows
from slokit.tables import build


def as_rows(log: Path) -> rows.Rows:
    tables = build([str(log)])
    return {name: [tuple(row) for row in getattr(tables, name)] for name in rows.COLUMNS}


def test_the_totals_are_what_slokit_counts(tmp_path):
    log = tmp_path / "log"
    told = generate.write(log, 12_345, seed=3)
    expected = {key: told[key] for key in told if key not in ("lines", "accepted")}
    assert totals(as_rows(log)) == expected
    assert told["lines"] == told["accepted"] + told["rejected"] == 12_345
    assert all(told[f"rejected_{reason}"] == 3 for reason in generate.BROKEN)


def test_combined_has_no_durations_and_no_routes(tmp_path):
    log = tmp_path / "log"
    told = generate.write(log, 5_000, combined=True)
    counted = totals(as_rows(log))
    assert (counted["total"], counted["good"]) == (told["total"], told["good"])
    assert (counted["clicks"], counted["slow"], told["rejected"]) == (0, 0, 5)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate.write(tmp_path / name, 300, seed=seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_the_command_prints_the_totals(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["generate", str(tmp_path / "x"), "--lines", "100"])
    assert generate.main() == 0
    assert '"lines": 100' in capsys.readouterr().out


def test_one_changed_row_is_a_difference(tmp_path):
    log = tmp_path / "log"
    told = generate.write(log, 2_000)
    good = as_rows(log)
    run.check({"job": good, "baseline": dict(good)}, told)
    (*head, clients), *rest = good["clicks"]
    bad = good | {"clicks": [(*head, clients + 1), *rest]}
    assert "clicks" in rows.difference(good, bad)
    with pytest.raises(measure.JobFailedError, match="baseline differs"):
        run.check({"job": good, "baseline": bad}, told)
    with pytest.raises(measure.JobFailedError, match="the generator wrote"):
        run.check({"job": good}, told | {"slow": told["slow"] + 1})


def test_a_lost_row_is_a_difference(tmp_path):
    log = tmp_path / "log"
    generate.write(log, 2_000)
    good = as_rows(log)
    for name in rows.COLUMNS:
        assert name in rows.difference(good, good | {name: good[name][1:]})
        assert name in rows.difference(good, good | {name: [*good[name], good[name][0]]})


def cost(seconds: float) -> measure.Cost:
    return measure.Cost(seconds, seconds**2, 100.0)


def test_ratios_are_taken_round_by_round_against_the_faster_baseline():
    size = run.Size(2_000_000)
    size.costs = {
        "baseline": [cost(10), cost(20), cost(40)],
        "cached": [cost(11), cost(30), cost(50)],
        "job": [cost(5), cost(12), cost(16)],  # 0.5, 0.6, 0.4
    }
    assert (size.base, size.ratio("job"), size.seconds("job")) == ("baseline", 0.5, 12)
    assert size.cpu_ratio("job") == 0.25
    assert "(baseline)" in run.table([size])


def test_a_program_is_measured_with_its_children(tmp_path):
    child = "b = bytearray(60 << 20); import time; time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    spent = measure.cost(
        [sys.executable, "-c", parent], log=tmp_path / "log", environ={}, limit_s=60
    )
    assert spent.peak_mb > 60
    assert spent.seconds > 1


def test_a_program_that_fails_or_hangs_is_an_error(tmp_path):
    failing = [sys.executable, "-c", "print('why'); raise SystemExit(3)"]
    with pytest.raises(measure.JobFailedError, match=r"exit 3\nwhy"):
        measure.cost(failing, log=tmp_path / "log", environ={}, limit_s=60)
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(measure.JobFailedError, match="exit -9"):
        measure.cost(hanging, log=tmp_path / "log", environ={}, limit_s=0.3)
