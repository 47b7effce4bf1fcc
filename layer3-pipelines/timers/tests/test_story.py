"""What the real schedulers did, and that a claim which does not hold is noticed."""

from __future__ import annotations

import dataclasses
import re

import pytest
from timers import choose, etl_runs
from timers.host import Host
from timers.story import Observed

from layerctl import prose
from layerctl.errors import LayerctlError
from layerctl.paths import ROOT

pytestmark = pytest.mark.systemd
STAMP = "/var/lib/systemd/timers/stamp-click-etl.timer"
README = ROOT / "layer3-pipelines/systemd/README.md"


def test_every_claim_held(seen: Observed) -> None:
    assert choose.problems(seen) == []


def test_the_timer_ran_the_spark_job_and_the_journal_has_it(seen: Observed) -> None:
    lines = f"{seen.written:,}"
    assert f"{lines} lines = {lines} accepted + 0 rejected; 1 of " in seen.journal
    assert "hours written" in seen.journal


def test_cron_and_at_at_the_same_minute_were_one_run_and_one_refusal(seen: Observed) -> None:
    assert seen.by_cron["spark_started"]
    assert seen.by_cron["lines"] < seen.by_timer["lines"]


def test_the_missed_run_found_nothing_new_and_started_no_spark(seen: Observed) -> None:
    assert "unchanged, Spark not started" in seen.made.said


@pytest.mark.usefixtures("seen")
def test_units_carry_the_label_and_uninstall_takes_all_of_it(host: Host) -> None:
    unit = "/etc/systemd/system/click-etl.service"
    assert re.search(r"^X-SixLayers=[0-9a-f]{12}$", host.run("cat", unit), re.MULTILINE)
    host.run(f"{etl_runs.LAYER}/systemd/install", "--system", "--uninstall", "--purge")
    places = (etl_runs.STATE, "/var/cache/click-etl", unit, STAMP)
    left = host.run(
        "sh", "-c", f"ls -d {' '.join(places)}; id click-etl",
        codes=(1,),
    )  # fmt: skip
    assert left == ""


@pytest.mark.usefixtures("seen")
def test_a_unit_of_somebody_else_is_left_alone(host: Host) -> None:
    unit = "/etc/systemd/system/click-etl.service"
    host.write(unit, "[Service]\nExecStart=/bin/true\n")
    with pytest.raises(LayerctlError, match=r"ended with 77: install: .* is not of this checkout"):
        host.run(f"{etl_runs.LAYER}/systemd/install", "--system")
    host.run("rm", unit)


def test_the_readme_shows_the_table_that_was_observed(seen: Observed) -> None:
    assert prose.shape(choose.table(seen)) in prose.shape(README.read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (lambda o: {"written": o.written + 1}, "no line is lost over a rotation"),
        (lambda o: {"exposure": 2.1}, "the hardened unit's exposure is small"),
        (
            lambda o: {"by_cron": o.by_cron | {"lines": 2 * o.sent_first}},
            "two runs at once count each line once",
        ),
        (
            lambda o: {"limits": o.limits | {"MemoryMax": "infinity"}},
            "the unit has its limits",
        ),
        (lambda o: {"delays": (17, 18)}, "its delay is the host's own"),
        (lambda o: {"delays": (301, 301)}, "its delay is the host's own"),
        (lambda o: {"overlap": o.seen.bare}, "systemd never runs it twice at once"),
        (
            lambda o: {"made": dataclasses.replace(o.made, timer=False)},
            "the missed run is made up",
        ),
        (
            lambda o: {"failure": dataclasses.replace(o.failure, metric_failed=0)},
            "and raises the metric",
        ),
    ],
)
def test_a_claim_that_does_not_hold_is_named(seen: Observed, change: object, claim: str) -> None:
    """The negative control of the story itself."""
    assert callable(change)
    assert claim in choose.problems(dataclasses.replace(seen, **change(seen)))
