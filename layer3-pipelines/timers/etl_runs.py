"""The ETL itself, started by the real cron, the real atd and the real systemd."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import timer_fired, until
from timers.host import CHECKOUT, ENVIRONMENT, LOGS, USER, USER_ID, Host
from timers.traffic import PATTERN

LAYER = f"{CHECKOUT}/layer3-pipelines"
GIVEN = ("--logs", f"{LOGS}/{PATTERN}")
STATE, METRICS = "/var/lib/click-etl", "/var/lib/click-etl/metrics/click_etl.prom"
LIMITS = ("MemoryMax", "TasksMax", "CPUWeight", "IOWeight")
DROP_IN = "/etc/systemd/system/click-etl.{}.d/here.conf"
SOON = "[Timer]\nOnCalendar=\nOnActiveSec=1s\nRandomizedDelaySec=0\n"
# Spark needs 20 s on two idle cores; a busy machine may take ten times as long.
SPARK_LIMIT_S = 600
SHORT_LIMIT_S = 180
COUNTED, REFUSED = " accepted + ", "another run is writing"


def manifest(host: Host, state: str = STATE) -> dict[str, Any]:
    """What the last run says about itself."""
    found: dict[str, Any] = json.loads(host.run("cat", f"{state}/tables/manifest.json"))
    return found


def by_cron_and_at(host: Host, when: datetime) -> None:
    """Schedule the job twice for the same minute: by the cron twin and by the at twin."""
    host.run(f"{LAYER}/cron/install", *GIVEN)
    schedule = f"{when.minute} {when.hour} * * *"
    host.run("sed", "-i", f"s/^5 [*] [*] [*] [*]/{schedule}/", "/etc/cron.d/click-etl")
    names = {"CLICK_ETL_LOGS": GIVEN[1], "STATE_DIRECTORY": STATE}
    names |= {"CACHE_DIRECTORY": "/var/cache/click-etl", "SIX_LAYERS_RUN": ENVIRONMENT}
    given = [f"{name}={value}" for name, value in names.items()]
    once = ("env", *given, f"{LAYER}/cron/at-once", "-t", f"{when:%Y%m%d%H%M}")
    host.run("runuser", "-u", "click-etl", "--", *once)


def mails(host: Host) -> str:
    """What both have mailed: cron to root, at to the account it ran as."""
    return host.run("cat", "/var/mail/root", "/var/mail/click-etl", codes=(0, 1))


def after_cron_and_at(host: Host) -> dict[str, Any]:
    """Wait until one has made the tables and the other was refused; the manifest."""

    def done() -> bool:
        said = mails(host)
        return COUNTED in said and REFUSED in said

    until("the ETL by cron and by at", done, SPARK_LIMIT_S)
    host.run(f"{LAYER}/cron/install", "--uninstall")
    return manifest(host)


def installed(host: Host) -> tuple[dict[str, str], tuple[int, int]]:
    """Install the system units; their limits, and twice the timer's random delay."""
    host.run(f"{LAYER}/systemd/install", "--system", *GIVEN)
    limits = {name: host.show("click-etl.service", name) for name in LIMITS}
    first = delay(host)
    host.run("systemctl", "restart", "click-etl.timer")
    return limits, (first, delay(host))


def delay(host: Host) -> int:
    """Seconds from five past the hour to when the timer is due: ``Fri 2026-11-27 09:07:12 UTC``."""
    due = host.show("click-etl.timer", "NextElapseUSecRealtime").split()[2]
    _, minutes, seconds = map(int, due.split(":"))
    return minutes * 60 + seconds - 300


def by_timer(host: Host) -> str:
    """Let the timer fire soon, and return what the journal has."""
    adjust(host, "timer", SOON)
    timer_fired("click-etl.timer", SPARK_LIMIT_S, on=host.on)
    return host.journal("click-etl.service")


def adjust(host: Host, kind: str, text: str) -> None:
    """Override lines of the timer or of the service, and start the timer again."""
    host.write(DROP_IN.format(kind), text)
    host.sh("systemctl daemon-reload; systemctl reset-failed; systemctl restart click-etl.timer")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a job that cannot work has ended."""

    attempts: int
    state: str
    metric_failed: float
    metric_repaired: float


def metric(host: Host, name: str) -> float:
    """A value in the file that node exporter reads.

    Raises:
        LayerctlError: it is not there.
    """
    for line in host.run("cat", METRICS).splitlines():
        key, _, value = line.partition(" ")
        if key == f"click_etl_{name}":
            return float(value)
    raise LayerctlError(f"no click_etl_{name} in {METRICS}")


def failing(host: Host) -> Failure:
    """Give the job a log that is none, until systemd gives up; then repair it."""
    host.sh("systemctl stop click-etl.timer; head -c 5000 /dev/urandom >/var/lib/standin/no.log")
    bad = '[Service]\nEnvironment="CLICK_ETL_LOGS=/var/lib/standin/no.log"\nRestartSec=1\n'
    host.write(DROP_IN.format("service"), bad)
    host.sh("systemctl daemon-reload; systemctl reset-failed; systemctl start --no-block click-etl")
    until(
        "systemd to give up",
        lambda: host.show("click-etl.service", "ActiveState") == "failed",
        SHORT_LIMIT_S,
    )
    # Not NRestarts, which counts the restart too that the start limit refused.
    attempts = host.journal("click-etl.service").count("Main process exited, code=exited, status=1")
    state, failed = host.show("click-etl.service", "Result"), metric(host, "failures")
    host.sh(f"""
rm {DROP_IN.format("service")}
systemctl daemon-reload
systemctl reset-failed
systemctl start click-etl""")
    return Failure(attempts, state, failed, metric(host, "failures"))


def by_user_timer(host: Host) -> dict[str, Any]:
    """Install alice's own units, let her timer fire soon, and return her manifest."""
    host.run(f"{LAYER}/systemd/install", "--user", *GIVEN, as_user=True)
    place = f"/home/{USER}/.config/systemd/user/click-etl.timer.d"
    host.sh(
        f"mkdir {place}; printf %s '{SOON}' >{place}/here.conf\n"
        "systemctl --user daemon-reload; systemctl --user restart click-etl.timer",
        as_user=True,
    )
    session = ("-u", USER, "-e", f"XDG_RUNTIME_DIR=/run/user/{USER_ID}")
    on = ("docker", "exec", *session, host.name)
    timer_fired("click-etl.timer", SPARK_LIMIT_S, on=on, scope="--user")
    # Newer systemd keeps state below ~/.local/state, that of Debian 12 below ~/.config.
    places = [f"/home/{USER}/{place}/click-etl" for place in (".config", ".local/state")]
    for state in places:
        if host.run("ls", f"{state}/tables", codes=(0, 2)):
            return manifest(host, state)
    raise LayerctlError(f"{USER} has no tables in {' or '.join(places)}")
