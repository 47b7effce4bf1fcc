"""The control: the same change as it is often made, under the same requests."""

from __future__ import annotations

import threading
import time
from typing import Any

from main_job.steps import Steps
from on_kind.traffic import Tally

from layerctl.errors import LayerctlError
from schema_change.database import Database
from schema_change.load import asked
from schema_change.releases import OLD, serving

RENAME = "ALTER TABLE links RENAME COLUMN target TO target_url"
IN_THE_WAY = "ALTER TABLE links ADD COLUMN note text"
BLOCKED_S = 3  # longer than hop lets a request wait


def blocked(at: Database) -> None:
    """An ALTER that waits, without a limit, for somebody who reads."""
    thread = threading.Thread(target=at.ask, args=(IN_THE_WAY,))
    with at.reader():
        thread.start()
        time.sleep(BLOCKED_S)
    thread.join()


def renamed(at: Database) -> None:
    """A column renamed in one step."""
    at.ask(RENAME)


def tell(steps: Steps, at: Database, facts: dict[str, Any]) -> None:
    """Both ways.

    Raises:
        LayerctlError: no request failed, so the count above counts nothing.
    """
    with steps.step("naive") as said, serving(OLD, at, "hop-naive") as url:
        for how in (blocked, renamed):
            sent, name = Tally(), how.__name__
            with asked(url, "hop-naive", sent):
                how(at)
            if not sent.failed:
                raise LayerctlError(f"{name}: none of {sent.requests} requests failed")
            facts[name] = {"requests": sent.requests, "failed": sent.failed, "why": sent.why}
            said.append(f"{name}: {sent.failed} of {sent.requests} failed")
