"""What cron and at do with the same stand-ins: two at once, too much memory, output, failure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from layerctl.waits import until
from timers import standins
from timers.host import Host
from timers.standins import Runs

CRONTAB, LOCK = "/etc/cron.d/standin", "/var/lib/standin/lock"
MAIL = "/var/mail/root"
CONFINED = re.compile(r"-confined-\d+ has run")
# What is mailed once all is over.
WANTED = {"bare": 2, "locked": 1, "at": 2, "cron-ate": 1, "at-ate": 1}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was left behind after the minute."""

    bare: Runs
    locked: Runs
    at: Runs
    cron_ate: Runs
    at_ate: Runs
    mail: str


def plant(host: Host, when: datetime) -> None:
    """Schedule all of it for one minute, in UTC."""
    job = standins.PROGRAM
    twice = [f"{job} bare 3"] * 2
    twice += [f"flock --nonblock {LOCK} {job} locked 3"] * 2
    lines = [*twice, standins.hungry("cron-ate"), "echo this one fails; exit 7"]
    lines.append(standins.confined("cron"))
    schedule = f"{when.minute} {when.hour} * * * root"
    host.write(CRONTAB, "MAILTO=root\n" + "".join(f"{schedule} {line}\n" for line in lines))
    once = (f"{job} at 3", f"{job} at 3", standins.hungry("at-ate"), standins.confined("at"))
    for line in once:
        host.run("at", "-t", f"{when:%Y%m%d%H%M}", given=f"{line}\n")


def collect(host: Host, limit_s: float) -> Seen:
    """Wait for the minute and for the mail about it."""

    def done() -> bool:
        mail = host.run("cat", MAIL, codes=(0, 1))
        if len(CONFINED.findall(mail)) < 2:
            return False
        return all(mail.count(f"{name} has run") == n for name, n in WANTED.items())

    until("cron's and at's stand-ins", done, limit_s)
    host.run("rm", CRONTAB)
    names = ("bare", "locked", "at", "cron-ate", "at-ate")
    bare, locked, at, cron_ate, at_ate = (standins.runs(host, name) for name in names)
    return Seen(bare, locked, at, cron_ate, at_ate, host.run("cat", MAIL))
