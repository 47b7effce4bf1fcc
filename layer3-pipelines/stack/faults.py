"""Two faults: a full disk under the database, and no observers."""

from __future__ import annotations

import secrets
from statistics import median
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from stack import disks, traffic
from stack.compose import Stack
from stack.web import Answer, ask

OBSERVERS = ("collector", "prometheus", "alertmanager")
FULL_LIMIT = 2000
BACK_S = 120.0
PAIRS, SENT = 3, 500
# Each entry of each index against its row, and each page of each table; silent when all is well.
AMCHECK = """
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS amcheck;
DO $$ BEGIN PERFORM bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam
 WHERE c.relkind = 'i' AND a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace; END $$;
SELECT c.relname, h.msg FROM pg_class c, LATERAL verify_heapam(c.oid) h
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace;
"""
# The CPU clock of process 1, see clock_getcpuclockid(3): nanoseconds, where /proc has hundredths.
CPU = "import time; print(time.clock_gettime_ns(~1 << 3 | 2))"


def make(stack: Stack, slug: str) -> Answer:
    """Ask for a link with a long target, so that a disk is full sooner."""
    return ask(
        f"{stack.url('HOP_PORT')}/api/v1/links",
        method="POST",
        headers={"Authorization": f"Bearer {stack.secret('hop_token')}"},
        body={"target": f"https://example.com/{'x' * 1500}", "alias": slug},
    )


def rows(stack: Stack, prefix: str) -> int:
    """Links in the database whose slug begins so."""
    query = f"SELECT count(*) FROM links WHERE slug LIKE '{prefix}%'"  # noqa: S608 - ours
    return int(stack.run("exec", "-T", "postgres", "psql", "-U", "hop", "-tAc", query))


def disk_full(stack: Stack) -> dict[str, Any]:
    """Fill the database's disk, write until it refuses, free it, and count.

    Raises:
        LayerctlError: an error was not clear, a redirect failed, an acknowledged link is gone, or
            a table or an index is damaged.
    """
    prefix = f"full-{secrets.token_hex(3)}-"
    made, answer = [f"{prefix}before"], make(stack, f"{prefix}before")
    if answer.status != 201:
        raise LayerctlError(f"no link before the disk is full: {answer.status}")
    disks.fill(stack, "/database")
    for number in range(FULL_LIMIT):
        answer = make(stack, f"{prefix}{number}")
        if answer.status == 201:
            made.append(f"{prefix}{number}")
        elif said := full(stack):
            break
    else:
        raise LayerctlError(f"{len(made)} links fit on a full disk")
    if answer.status != 503 or answer.headers["content-type"] != "application/problem+json":
        raise LayerctlError(f"a full disk is answered {answer.status} {answer.body.decode()}")
    redirect = ask(f"{stack.url('HOP_PORT')}/{made[-1]}")
    if redirect.status != 307:
        raise LayerctlError(f"a full disk makes a redirect answer {redirect.status}")
    disks.free(stack, "/database")
    until(
        "writes after the disk was freed",
        lambda: make(stack, f"{prefix}after-{secrets.token_hex(3)}").status == 201,
        BACK_S,
    )
    # A write that was refused may have been done; one that was acknowledged must be there.
    if rows(stack, prefix) < len(made) + 1:
        raise LayerctlError(f"{len(made) + 1} acknowledged, {rows(stack, prefix)} are there")
    if said_by_amcheck := damage(stack):
        raise LayerctlError(f"after a full disk the database is damaged: {said_by_amcheck}")
    return {
        "refused_with": f"{answer.status} {answer.json()['detail']}",
        "database_says": said,
        "acknowledged": len(made) + 1,
        "found_after": rows(stack, prefix),
    }


def damage(stack: Stack) -> str:
    """What PostgreSQL's own check finds wrong in tables and indexes, if anything."""
    psql = ("psql", "-U", "hop", "-qtA", "-v", "ON_ERROR_STOP=1")
    done = stack.call("exec", "-T", "postgres", *psql, given=AMCHECK)
    return (done.stdout + done.stderr).strip() or ("" if done.returncode == 0 else "psql failed")


def full(stack: Stack) -> str:
    """What PostgreSQL says of its disk, once it says that."""
    said = [line for line in stack.log("postgres") if "No space left on device" in line]
    return said[0].partition("UTC ")[2] if said else ""


def cpu(stack: Stack) -> int:
    """Nanoseconds of CPU that the replicas have used so far."""
    python = ("/app/bin/python", "-c", CPU)
    return sum(int(stack.execute(name, *python).stdout) for name in traffic.REPLICAS)


def cost(stack: Stack) -> tuple[int, int]:
    """Nanoseconds of CPU for a batch of requests that make no link; how many of these failed."""
    before = cpu(stack)
    paths = (f"/nothing-{number % 7}" for number in range(SENT))
    failed = sum(ask(stack.url("HOP_PORT") + path).status != 404 for path in paths)
    return cpu(stack) - before, failed


def unobserved(stack: Stack) -> dict[str, Any]:
    """hop's CPU time for the same requests with its observers, and without: their ratio.

    A few rounds beside a whole stack are too coarse to judge by; ``bench.observers`` of hop does.

    Raises:
        LayerctlError: a request failed while they were away.
    """
    ratios, lost = [], 0
    cost(stack)  # warms up
    for _ in range(PAIRS):
        here, _ = cost(stack)
        stack.run("stop", "--timeout", "2", *OBSERVERS)
        away, failed = cost(stack)
        stack.run("start", *OBSERVERS)
        ratios.append(away / here)
        lost += failed
    if lost:
        raise LayerctlError(f"{lost} of {PAIRS * SENT} requests failed without {OBSERVERS}")
    return {
        "cpu_without_observers": round(median(ratios), 3),
        "cpu_ratios": [round(ratio, 3) for ratio in sorted(ratios)],
        "requests_without_observers": PAIRS * SENT,
        "failed": lost,
    }
