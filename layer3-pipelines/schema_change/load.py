"""Requests to a replica for as long as something happens to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from on_kind import traffic
from on_kind.traffic import Tally

from layerctl.waits import until
from schema_change.database import Database
from schema_change.releases import Release, access_log, serving

RATE = 30
MORE, LIMIT_S = 20, 60


@contextlib.contextmanager
def replica(release: Release, at: Database, name: str, sent: Tally) -> Iterator[str]:
    """A replica with requests to it for as long as it serves, counted into ``sent``."""
    with serving(release, at, name) as url, asked(url, name, sent):
        yield url


@contextlib.contextmanager
def asked(url: str, name: str, sent: Tally) -> Iterator[None]:
    """Requests from before the block to after it: a sender needs a while to begin."""
    log = access_log(name)

    def more() -> None:
        wanted = lines(log) + MORE
        until(f"requests at {name}", lambda: lines(log) >= wanted, LIMIT_S)

    with traffic.during(
        rate=RATE, url=url, writes="none: it is on loopback", head_s=0, tail_s=0
    ) as tally:
        more()
        yield
        more()
    sent.add(tally)


def lines(log: Path) -> int:
    """How many requests were answered so far."""
    return log.read_bytes().count(b"\n") if log.exists() else 0
