"""A PostgreSQL of our own, asked by psql."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from main_job.processes import started, wait_for

from layerctl.errors import LayerctlError, MissingError
from layerctl.paths import ROOT, RUN

HOME = RUN / "schema-change"
START_S, LIMIT_S = 90, 60
LINKS = """
INSERT INTO links (slug, target, created_at, updated_at)
SELECT 'old-' || n, 'https://example.com/page/' || n, now(), now()
FROM generate_series(1, :links) n
"""
# Everything that a migration may change and that a half-done one would leave behind.
SHAPE = """
SELECT string_agg(what, E'\\n' ORDER BY what) FROM (
  SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable)
  FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT conname || convalidated FROM pg_constraint
  UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT version_num FROM alembic_version
) AS found (what)
"""


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the server."""

    url: str

    def environment(self) -> dict[str, str]:
        """What psql reads: a password in an argument would be in ``ps``."""
        at = urlsplit(self.url)
        named = {"PGHOST": at.hostname, "PGPORT": at.port, "PGUSER": at.username}
        named |= {"PGPASSWORD": at.password, "PGDATABASE": at.path[1:]}
        return os.environ | {name: str(value) for name, value in named.items()}

    def ask(self, query: str, **variables: int) -> str:
        """Run SQL; what it answers.

        Raises:
            LayerctlError: the database refused it.
        """
        values = [f"--set={name}={value}" for name, value in variables.items()]
        done = subprocess.run(
            [*psql(), *values, "-f", "-"],
            env=self.environment(),
            input=query,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode:
            raise LayerctlError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def shape(self) -> str:
        """What the schema is, a line a thing."""
        return self.ask(SHAPE)

    @contextlib.contextmanager
    def reader(self) -> Iterator[None]:
        """Somebody whose transaction has read the links and does not end, such as a report."""
        with subprocess.Popen(
            psql(),
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise LayerctlError("psql has no pipes")
            process.stdin.write("BEGIN; SELECT 'reads', count(*) FROM links;\n")
            process.stdin.flush()
            if not process.stdout.readline().startswith("reads"):
                raise LayerctlError("the reader does not read")
            try:
                yield
            finally:
                process.stdin.close()


def psql() -> list[str]:
    """psql, without anybody's own settings, stopping at the first error."""
    program = shutil.which("psql")
    if program is None:
        raise MissingError("no psql on PATH. Enable: apt-get install postgresql")
    return [program, "-X", "-q", "-t", "-A", "--set=ON_ERROR_STOP=1"]


@contextlib.contextmanager
def server() -> Iterator[Database]:
    """An empty server on loopback, gone afterwards.

    Raises:
        LayerctlError: it does not start; says why.
    """
    psql()
    HOME.mkdir(parents=True, exist_ok=True)
    file, log = HOME / f"url-{os.getpid()}", HOME / "postgres.log"
    file.unlink(missing_ok=True)
    env = os.environ | {"PYTHONPATH": str(ROOT / "layer2-tooling/api")}
    command = [sys.executable, "-m", "bench.postgres", str(file)]
    try:
        with started("postgres", command, env=env, log=log) as process:
            url = wait_for(file, process, what="PostgreSQL", limit_s=START_S, log=log)
            yield Database(url)
    finally:
        file.unlink(missing_ok=True)


def fresh(at: Database) -> Database:
    """A new database on the server."""
    name = f"hop_{secrets.token_hex(4)}"
    at.ask(f"CREATE DATABASE {name}")
    return Database(at.url.rpartition("/")[0] + f"/{name}")


def fill(at: Database, links: int) -> None:
    """Links that are there before anything changes."""
    at.ask(LINKS, links=links)


def batches(at: Database, size: int) -> tuple[int, int]:
    """Fill the new column a batch at a time, each its own transaction; rows and batches.

    Raises:
        LayerctlError: rows are left, although a batch found none.
    """
    rows = count = 0
    script = Path(__file__).with_name("fill.sql").read_text("utf-8")
    while found := int(at.ask(script, size=size)):
        rows, count = rows + found, count + 1
    if left := int(at.ask("SELECT count(*) FROM links WHERE target_url IS NULL")):
        raise LayerctlError(f"{left} rows were not filled: others hold them")
    return rows, count
