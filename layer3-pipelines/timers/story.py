"""Everything in one order that spends the waiting for cron's minutes on something else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from main_job import serve
from main_job.places import Place
from main_job.steps import Steps

from layerctl import environments
from layerctl.paths import RUN
from timers import by_cron, by_systemd, etl_runs, missed, standins, traffic
from timers.by_cron import Seen
from timers.etl_runs import Failure
from timers.host import Host, alone, booted
from timers.missed import Made
from timers.standins import Runs

STEPS = 8
LOGS = RUN / "timers"
REQUESTS = 1000
EXPOSURE_LIMIT = 2.0
# What is planted later than its minute never runs, and a busy machine takes seconds to plant it.
PLANTING_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen; the table and the evidence are made of this and of nothing else."""

    seen: Seen
    overlap: Runs
    hungry: str
    exposure: float
    bare_exposure: float
    sent_first: int
    by_cron: dict[str, Any]
    limits: dict[str, str]
    delays: tuple[int, int]
    by_timer: dict[str, Any]
    journal: str
    written: int
    failure: Failure
    made: Made
    by_user: dict[str, Any]


def minute(after_s: float) -> datetime:
    """The next full minute that is at least so many seconds away."""
    wanted = datetime.now(UTC) + timedelta(seconds=after_s + 60)
    return wanted.replace(second=0, microsecond=0)


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """The host, with stand-ins on it and hop's logs mounted."""
    environments.setup(("api", "etl"), level="run", check=False)
    with alone(), booted(LOGS) as made:
        standins.install(made)
        yield made


def observe(
    on: Host, step: Callable[[str], contextlib.AbstractContextManager[list[str]]]
) -> Observed:
    """The whole story on one host; ``step`` names and times each part."""
    place = Place(LOGS)
    serve.fresh(place)
    with serve.hop(place, traffic.RELEASE) as url:
        with step("hop") as facts:
            traffic.send(place, url, requests=REQUESTS, seed=1)
            sent_first = traffic.lines(place)
            facts.append(f"{REQUESTS:,} requests sent")
        first = minute(PLANTING_S)
        by_cron.plant(on, first)
        etl_runs.by_cron_and_at(on, first)
        with step("systemd") as facts:
            overlap, hungry = by_systemd.overlap(on), by_systemd.memory(on)
            facts.append(f"at most {overlap.together} at once; {hungry} above its memory")
        with step("cron, at") as facts:
            seen, cron = (
                by_cron.collect(on, 60 + etl_runs.SHORT_LIMIT_S),
                etl_runs.after_cron_and_at(on),
            )
            facts.append(f"{cron['lines']:,} lines; {seen.bare.together} at once without flock")
        with step("rotate") as facts:
            traffic.send_and_rotate(place, url, requests=REQUESTS, seed=2)
            facts.append(f"{REQUESTS:,} more requests, ops rotate in between")
        with step("timer") as facts:
            limits, delays = etl_runs.installed(on)
            journal, timer = etl_runs.by_timer(on), etl_runs.manifest(on)
            written = traffic.lines(place)
            exposed = by_systemd.exposure(on, "click-etl.service")
            bare = by_systemd.exposure(on, "click-etl.service", without_hardening=True)
            facts.append(f"{timer['lines']:,} of {written:,} lines; exposure {exposed}")
    with step("failure") as facts:
        failure = etl_runs.failing(on)
        facts.append(f"{failure.attempts} attempts, metric {failure.metric_failed:.0f}")
    second = minute(PLANTING_S)
    missed.plant(on, second)
    with step("reboot") as facts:
        said = missed.reboot_over(on, second)
        facts.append("the missed run was made up")
    with step("user") as facts:
        user = etl_runs.by_user_timer(on)
        made = missed.collect(on, second, said)
        facts.append(f"{user['lines']:,} lines by a timer of one's own")
    return Observed(
        seen=seen,
        overlap=overlap,
        hungry=hungry,
        exposure=exposed,
        bare_exposure=bare,
        sent_first=sent_first,
        by_cron=cron,
        limits=limits,
        delays=delays,
        by_timer=timer,
        journal=journal,
        written=written,
        failure=failure,
        made=made,
        by_user=user,
    )


def told() -> Observed:
    """Start the host, tell the story, print its steps."""
    steps = Steps(STEPS + 1)
    with contextlib.ExitStack() as stack:
        with steps.step("host") as facts:
            on = stack.enter_context(host())
            facts.append("systemd, cron and atd run; the ETL's environment is there")
        return observe(on, steps.step)
