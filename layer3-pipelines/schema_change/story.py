"""``links.target`` becomes ``target_url`` while two replicas serve; then how it is not done."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from main_job.steps import Steps
from on_kind.traffic import Tally

from layerctl.errors import LayerctlError
from layerctl.waits import until
from schema_change import database, naive
from schema_change.crossing import crossed
from schema_change.database import Database
from schema_change.load import replica
from schema_change.releases import EXPANDED, LAST, NEW, OLD, RELEASES, Release

STEPS = 8
LINKS, BATCH = 50_000, 5000
LOCK_LIMIT_S, TRIES = 60, 3
FAILED, BUSY = 1, 75
# A try to get the lock is a transaction of its own.
WAITS = (
    "SELECT virtualtransaction FROM pg_locks"
    " WHERE NOT granted AND relation = 'links'::regclass AND mode = 'AccessExclusiveLock'"
)


def refused(release: Release, at: Database, code: int, said: str, *, wait_s: float) -> str:
    """Run a migration that must fail and leave nothing; what it said.

    Raises:
        LayerctlError: it went through, ended otherwise, or left something behind.
    """
    before = at.shape()
    done = release.migrate(at, wait_s=wait_s)
    if done.returncode != code or said not in done.stderr:
        raise LayerctlError(f"{release.name}: ended with {done.returncode}: {done.stderr}")
    if at.shape() != before:
        raise LayerctlError(f"{release.name} left something behind:\n{at.shape()}")
    return done.stderr.strip()


def migrated(release: Release, at: Database) -> str:
    """Run a migration that must work; the revision.

    Raises:
        LayerctlError: it failed.
    """
    done = release.migrate(at)
    if done.returncode:
        raise LayerctlError(f"{release.name}: {done.stderr.strip()}")
    return done.stdout.strip().removeprefix("schema ")


def behind_a_reader(at: Database) -> int:
    """Migrate while somebody reads and does not end; how often it was seen to wait, at least.

    Raises:
        LayerctlError: it did not wait, or did not go on afterwards.
    """
    outcome = list[str]()
    attempts = set[str]()

    def waits() -> bool:
        attempts.update(at.ask(WAITS).split())
        return len(attempts) >= TRIES

    thread = threading.Thread(target=lambda: outcome.append(migrated(EXPANDED, at)))
    with at.reader():
        thread.start()
        until(f"the migration to try {TRIES} times", waits, LOCK_LIMIT_S)
    thread.join()
    if outcome != ["0002"]:
        raise LayerctlError(f"after the reader had ended: {outcome}")
    return len(attempts)


def change(steps: Steps, at: Database, facts: dict[str, Any]) -> None:
    """The change itself, under traffic from its first step to its last.

    Raises:
        LayerctlError: a request failed, or a step did not do what it must.
    """
    sent = Tally()
    with (
        contextlib.ExitStack() as one,
        contextlib.ExitStack() as two,
        contextlib.ExitStack() as new,
    ):
        with steps.step("serve") as said:
            old = one.enter_context(replica(OLD, at, "hop-1", sent))
            two.enter_context(replica(OLD, at, "hop-2", sent))
            said.append(f"two replicas of {OLD.name} on {LINKS:,} links, requests to both")
        with steps.step("expand") as said:
            with at.reader():
                facts["gave_up"] = refused(EXPANDED, at, BUSY, "rolled back", wait_s=0)
            facts["tries"] = behind_a_reader(at)
            said.append(f"behind a reader: gave up and left nothing; then {facts['tries']} tries")
        with steps.step("too soon") as said:
            facts["too_soon"] = refused(NEW, at, FAILED, "is violated by some row", wait_s=60)
            said.append(f"{NEW.name}'s migration failed and was rolled back")
        with steps.step("fill") as said:
            facts["rows"], facts["batches"] = database.batches(at, BATCH)
            said.append(f"{facts['rows']:,} rows in {facts['batches']} batches")
        with steps.step("switch") as said:
            migrated(NEW, at)
            two.close()
            other = new.enter_context(replica(NEW, at, "hop-3", sent))
            facts["crossed"] = crossed(old, other)
            said.append(
                f"{facts['crossed']} requests of links that cross {OLD.name} and {NEW.name}"
            )
        with steps.step("contract") as said:
            new.enter_context(replica(NEW, at, "hop-4", sent))
            one.close()
            facts["revision"] = migrated(LAST, at)
            said.append(f"{OLD.name} is gone, and so is links.target")
    if sent.failed or not sent.requests:
        raise LayerctlError(f"{sent.failed} of {sent.requests} requests failed: {sent.why}")
    facts |= {"requests": sent.requests, "failed": sent.failed}


def prepared(server: Database) -> Database:
    """A database of release 1.0.0 with links in it."""
    at = database.fresh(server)
    migrated(OLD, at)
    database.fill(at, LINKS)
    return at


def tell(facts: dict[str, Any]) -> None:
    """The whole story.

    Raises:
        LayerctlError: a claim does not hold.
    """
    steps = Steps(STEPS)
    for release in RELEASES:
        release.make()
    with database.server() as server:
        change(steps, prepared(server), facts)
        naive.tell(steps, prepared(server), facts)
        with steps.step("count") as said:
            said.append(f"{facts['requests']:,} requests during the change, 0 failed")
