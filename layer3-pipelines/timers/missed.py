"""A host that is down when a job is due: who makes up for it after the reboot?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from layerctl.waits import until
from timers import standins
from timers.by_cron import CRONTAB
from timers.by_systemd import UNITS
from timers.etl_runs import COUNTED, SHORT_LIMIT_S, adjust
from timers.host import Host

AT_ONCE = "[Timer]\nOnCalendar=\nOnCalendar={when:%Y-%m-%d %H:%M:%S} UTC\nRandomizedDelaySec=0\n"
# The negative control: the same timer, but nobody told it to remember.
FORGETFUL = "[Timer]\nOnCalendar={when:%Y-%m-%d %H:%M:%S} UTC\n[Install]\nWantedBy=timers.target\n"
ONESHOT = "[Service]\nType=oneshot\nExecStart={program} forgetful 0\n"


@dataclass(frozen=True, slots=True)
class Made:
    """Who ran after the reboot, and what the ETL said."""

    timer: bool
    forgetful: bool
    cron: bool
    at: bool
    said: str


def plant(host: Host, when: datetime) -> None:
    """Schedule the ETL and the stand-ins for one minute, in UTC."""
    host.write(f"{UNITS}/forgetful.timer", FORGETFUL.format(when=when))
    host.write(f"{UNITS}/forgetful.service", ONESHOT.format(program=standins.PROGRAM))
    schedule = f"{when.minute} {when.hour} * * * root"
    host.write(CRONTAB, f"{schedule} {standins.PROGRAM} cron-missed 0\n")
    host.run("at", "-t", f"{when:%Y%m%d%H%M}", given=f"{standins.PROGRAM} at-missed 0\n")
    adjust(host, "timer", AT_ONCE.format(when=when))
    host.sh("systemctl enable --now forgetful.timer")


def reboot_over(host: Host, when: datetime) -> str:
    """Be down when the jobs are due; what the ETL's journal has after the boot."""
    host.reboot(when.timestamp() + 1)
    service = "click-etl.service"
    until("the missed run of the ETL", lambda: COUNTED in host.journal(service), SHORT_LIMIT_S)
    return host.journal(service)


def collect(host: Host, when: datetime, said: str) -> Made:
    """Who has run by the time that cron has looked again, which it does once a minute."""
    again = when + timedelta(seconds=62)
    until("cron's next look", lambda: time.time() > again.timestamp(), 65)
    names = ("forgetful", "cron-missed", "at-missed")
    forgetful, cron, at = (standins.runs(host, name).ended > 0 for name in names)
    return Made(timer=COUNTED in said, forgetful=forgetful, cron=cron, at=at, said=said)
