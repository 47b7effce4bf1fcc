"""A job that only says when it began and ended, where the scheduler is tested and not the ETL."""

from __future__ import annotations

from dataclasses import dataclass

from timers.host import Host

LOG, PROGRAM = "/var/lib/standin/log", "/usr/local/bin/standin"
SCRIPT = f"""#!/bin/sh
# standin NAME SECONDS: note the beginning, take a while, note the end.
echo "$1 $(date +%s.%N) 1" >>{LOG}
sleep "$2"
echo "$1 $(date +%s.%N) -1" >>{LOG}
echo "$1 has run"
"""
# Three times a limit of 100 MB, written to and not only asked for; then it says that it lives.
HUNGRY = """python3 -c 'b"x" * 300_000_000; import os; os.execv("{}", ["standin", "{}", "0"])'"""


# 0 where no system call is filtered and new privileges may be had: all that the account may do.
FILTERS = "awk '/^(NoNewPrivs|Seccomp):/ {n += $2} END {print n}' /proc/self/status"


def confined(who: str) -> str:
    """A command that notes and says how far a scheduler's job is confined."""
    return f"{PROGRAM} {who}-confined-$({FILTERS}) 0"


def hungry(name: str) -> str:
    """A command that takes much memory, and notes a run under ``name`` if it survives that."""
    return HUNGRY.format(PROGRAM, name)


@dataclass(frozen=True, slots=True)
class Runs:
    """What the log says about one name: runs that ended, and the most at the same time."""

    ended: int
    together: int


def install(host: Host) -> None:
    """Put the stand-in on the host."""
    host.write(PROGRAM, SCRIPT)
    host.run("chmod", "755", PROGRAM)
    host.write(LOG, "")


def runs(host: Host, name: str) -> Runs:
    """Read the log."""
    rows = [line.split() for line in host.run("cat", LOG).splitlines()]
    steps = [int(step) for _, step in sorted((float(t), s) for who, t, s in rows if who == name)]
    now = most = 0
    for step in steps:
        now += step
        most = max(most, now)
    return Runs(ended=steps.count(-1), together=most)
