"""Releases of hop: today's code, and copies with later migrations and the new column."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from main_job.places import program
from main_job.processes import started, wait_for
from pipeline.desk import Change
from stack.web import ask

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT
from layerctl.waits import until
from schema_change.database import HOME, Database

HOP = ROOT / "layer2-tooling/api/src/hop"
VERSIONS = Path(__file__).with_name("later-migrations")
START_S, MIGRATE_S = 60, 120
# What a developer changes for the new name: the table, and that rows are read by position.
NEW_NAME = (
    Change(
        "hop/storage/tables.py",
        'Column("target", Text, nullable=False)',
        'Column("target_url", Text, nullable=False, key="target")',
    ),
    Change("hop/storage/links.py", "return Link(**row._mapping)", "return Link(*row)"),
)


@dataclass(frozen=True, slots=True)
class Release:
    """One release: the migrations that it brings, and which column it knows."""

    name: str
    brings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def source(self) -> Path:
        """Where its package is."""
        return HOME / "releases" / self.name

    def make(self) -> None:
        """Write its package."""
        shutil.rmtree(self.source, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HOP, self.source / "hop", ignore=ignored)
        for name in self.brings:
            shutil.copy(VERSIONS / name, self.source / "hop/migrations/versions")
        for change in self.changes:
            change.apply(self.source)

    def environment(self, at: Database) -> dict[str, str]:
        """Its settings; the reader's own do not reach into the proof."""
        foreign = ("HOP_", "OTEL_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {
            "PYTHONPATH": str(self.source),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DATABASE_URL": at.url,
            "HOP_DATA": str(self.source),
            "HOP_RELEASE": self.name,
            "HOP_CLIENT_KEY": "only-for-this-run",
            "HOP_DRAIN_S": "0",
        }

    def migrate(self, at: Database, *, wait_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run its ``hop migrate``, whatever becomes of it."""
        return subprocess.run(
            [program("api", "python"), "-m", "hop", "migrate", "--wait", str(wait_s)],
            env=self.environment(at),
            capture_output=True,
            text=True,
            timeout=MIGRATE_S,
            check=False,
        )


EXPAND, SWITCH, CONTRACT = "0002_expand.py", "0003_switch.py", "0004_contract.py"
OLD = Release("1.0.0")
EXPANDED = Release("1.1.0", (EXPAND,))
NEW = Release("1.2.0", (EXPAND, SWITCH), NEW_NAME)
LAST = Release("1.3.0", (EXPAND, SWITCH, CONTRACT), NEW_NAME)
RELEASES = (OLD, EXPANDED, NEW, LAST)


def access_log(replica: str) -> Path:
    """What a replica has answered."""
    return HOME / f"{replica}.jsonl"


@contextlib.contextmanager
def serving(release: Release, at: Database, replica: str) -> Iterator[str]:
    """A replica on a free port until the block ends; its address.

    Raises:
        LayerctlError: it did not start, or never became ready.
    """
    port_file, log = HOME / f"{replica}.port", HOME / f"{replica}.log"
    port_file.unlink(missing_ok=True)
    access_log(replica).unlink(missing_ok=True)
    env = release.environment(at) | {"HOP_ACCESS_LOG": str(access_log(replica))}
    command = [program("api", "python"), "-m", "hop", "serve", "--host", "127.0.0.1"]
    command += ["--port", "0", "--port-file", str(port_file)]
    with started(replica, command, env=env, log=log) as process:
        port = wait_for(port_file, process, what=replica, limit_s=START_S, log=log)
        url = f"http://127.0.0.1:{int(port)}"
        until(f"{replica} to be ready", lambda: ask(f"{url}/readyz").status == 200, START_S)
        if (found := ask(f"{url}/version").json()["release"]) != release.name:
            raise LayerctlError(f"{replica} is {found}, want {release.name}")
        yield url
