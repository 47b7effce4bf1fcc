"""A host of our own with systemd, cron and atd: a container, labelled, removed at the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from layerctl import engines
from layerctl.errors import BusyError, LayerctlError, MissingError
from layerctl.paths import ROOT, RUN, checkout_id
from layerctl.waits import until

NAME = f"six-layers-timers-{checkout_id()}"
# Where the container sees the checkout, its own environment, and the logs that hop writes here.
CHECKOUT, ENVIRONMENT, LOGS = "/checkout", "/var/lib/six-layers", "/var/log/hop"
USER, USER_ID = "alice", 1000
ADM = 4  # the group that may read logs; Debian gives it this number
LIMIT_S = 300
BOOT_LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Host:
    """The container; every command in it runs as root unless ``as_user`` asks for alice."""

    name: str = NAME

    @property
    def on(self) -> tuple[str, ...]:
        """The command that reaches the host, for ``layerctl.waits``."""
        return ("docker", "exec", self.name)

    def run(
        self, *command: str, given: str = "", as_user: bool = False, codes: tuple[int, ...] = (0,)
    ) -> str:
        """Run a command on the host; its standard output, stripped.

        Raises:
            LayerctlError: an exit code that is not among ``codes``.
        """
        who = ("-u", USER, "-e", f"XDG_RUNTIME_DIR=/run/user/{USER_ID}") if as_user else ()
        whole = ["docker", "exec", "-i", *who, "-e", f"SIX_LAYERS_RUN={ENVIRONMENT}", self.name]
        done = subprocess.run(
            [*whole, *command],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        if done.returncode not in codes:
            said = (done.stderr or done.stdout).strip()
            raise LayerctlError(f"{' '.join(command)} ended with {done.returncode}: {said}")
        return done.stdout.strip()

    def sh(self, script: str, *, as_user: bool = False) -> str:
        """Run a shell script on the host, strictly."""
        return self.run("bash", "-Eeuo", "pipefail", "-s", given=script, as_user=as_user)

    def write(self, path: str, text: str) -> None:
        """Write a file on the host, with its directories."""
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, given=text)

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", unit, "--property", name, "--value")

    def journal(self, unit: str) -> str:
        """What a unit has said since the host booted."""
        return self.run("journalctl", "--unit", unit, "--output", "cat", "--no-pager")

    def reboot(self, down_until: float) -> None:
        """Shut the host down, and boot it not before ``down_until`` (seconds since 1970)."""
        _docker("stop", "-t", "20", self.name)
        time.sleep(max(0.0, down_until - time.time()))
        _docker("start", self.name)
        self.settle()

    def settle(self) -> None:
        """Wait until systemd has booted."""

        def up() -> bool:
            state = self.run("systemctl", "is-system-running", codes=(0, 1))
            return state in ("running", "degraded")

        until(f"systemd in {self.name}", up, BOOT_LIMIT_S)


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerctlError(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


@contextlib.contextmanager
def booted(logs: Path) -> Iterator[Host]:
    """A fresh host that sees ``logs`` at ``/var/log/hop``, with the ETL's environment and an alice.

    Raises:
        MissingError: no Docker engine answers.
    """
    if reason := engines.absent("docker"):
        raise MissingError(reason)
    cache = Path(engines.environment()["SIX_LAYERS_CACHE"]) / "uv"
    cache.mkdir(parents=True, exist_ok=True)
    shared_with_group(logs)
    subprocess.run(["docker", "rm", "-f", "-v", NAME], capture_output=True, check=False)
    volume = f"{NAME}-environment"
    _docker("volume", "create", "--label", f"six-layers={checkout_id()}", volume)
    mounts = (f"{volume}:{ENVIRONMENT}", f"{cache}:/var/cache/six-layers/uv", f"{logs}:{LOGS}:ro")
    command = [str(ROOT / ".ci/engines/systemd-host"), NAME, *mounts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        if done.returncode:
            raise LayerctlError(f"no host: {(done.stdout or done.stderr).strip()}")
        host = Host()
        provision(host)
        yield host
    finally:
        subprocess.run(["docker", "rm", "-f", "-v", NAME], capture_output=True, check=False)


def shared_with_group(logs: Path) -> None:
    """Let the host's group adm read what is written to ``logs``, as Debian does for its logs."""
    logs.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(logs, -1, ADM)
    # New files and folders get the folder's group.
    logs.chmod(0o2750)


def provision(host: Host) -> None:
    """The ETL's environment, from the hash-locked exports; an account with a systemd of its own."""
    # As the owner of the mounted cache, so that this user can still write to it afterwards.
    host.sh(f"""
owner=$(stat -c %u:%g /var/cache/six-layers/uv)
chown "$owner" {ENVIRONMENT}
export SIX_LAYERS_CACHE=/var/cache/six-layers SIX_LAYERS_PYTHON=python3 HOME={ENVIRONMENT}
as_owner=(setpriv --reuid="${{owner%:*}}" --regid="${{owner#*:}}" --clear-groups)
"${{as_owner[@]}}" {CHECKOUT}/layer1-env/bootstrap.sh etl
groupmod --non-unique --gid "$(stat -c %g {LOGS})" adm
useradd --create-home --uid {USER_ID} --groups adm {USER}
systemctl unmask systemd-logind
systemctl start systemd-logind
loginctl enable-linger {USER}
""")
    unit = f"user@{USER_ID}.service"
    until(f"{USER}'s systemd", lambda: host.show(unit, "ActiveState") == "active", BOOT_LIMIT_S)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Only one run of this checkout at a time: the host has one name.

    Raises:
        BusyError: another one runs.
    """
    RUN.mkdir(parents=True, exist_ok=True)
    with (RUN / "timers.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("the timers' host is in use by another run", "wait for it") from None
        yield
