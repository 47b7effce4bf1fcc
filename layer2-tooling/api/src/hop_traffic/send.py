"""Send a plan on time, whether or not hop keeps up, and see every request to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import httpx2

from .errors import GoneError
from .exchange import exchange
from .model import SLUG, Outcome, Planned

IN_FLIGHT = 1000  # bounds memory when hop is slower than the schedule
DRAIN_S = 2.0  # for answers still under way at the end, beyond the timeout of one request


class Sender:
    """Sends planned requests; one object a run.

    Args:
        http: the client, bound to hop's address.
        report: gets each outcome, in the order in which they end.
        give_up_s: after so many seconds of failures without one answer, hop is gone.

    ``lag_s`` says by how many seconds the latest request missed its time.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        report: Callable[[Outcome], None],
        *,
        give_up_s: float,
    ) -> None:
        self._http = http
        self._report = report
        self._give_up_s = give_up_s
        self._slugs: dict[int, asyncio.Future[str | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answered_at = 0.0
        self._gone = ""
        self._bug: BaseException | None = None
        self.lag_s = 0.0

    async def run(self, plan: Iterable[Planned], *, stop: asyncio.Event) -> None:
        """Send all requests at their times; return when each has its outcome.

        ``stop`` ends the sending early; what is under way may still be answered.

        Raises:
            GoneError: hop stopped answering. All outcomes up to then were reported.
        """
        started = self._answered_at = time.monotonic()
        for planned in plan:
            await _until(started + planned.at, stop)
            if len(self._tasks) >= IN_FLIGHT:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set() or self._gone or self._bug:
                break
            self.lag_s = max(self.lag_s, time.monotonic() - started - planned.at)
            self._start(planned)
        await self._drain()
        if self._bug:
            raise self._bug
        if self._gone:
            raise GoneError(f"hop stopped answering ({self._gone})")

    def _start(self, planned: Planned) -> None:
        if planned.makes is not None:
            self._slugs[planned.makes] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._one(planned))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._bug = self._bug or task.exception()

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=(self._http.timeout.read or 0) + DRAIN_S)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _one(self, planned: Planned) -> None:
        began = time.time()
        outcome = Outcome(planned, began, began, sent=False, error="no link to ask for")
        try:
            path, slug = planned.path, None
            if SLUG in path and planned.link is not None:
                # Shielded: cancelling one that waits must not cancel the link for the others.
                slug = await asyncio.shield(self._slugs[planned.link])
                if slug is None:
                    return
                path = path.replace(SLUG, slug)
            outcome = Outcome(planned, began, began, slug=slug, error="cancelled")
            outcome = await exchange(self._http, planned, path=path, slug=slug)
            self._notice(outcome)
        finally:
            if planned.makes is not None:
                self._slugs[planned.makes].set_result(outcome.slug)
            self._report(outcome)

    def _notice(self, outcome: Outcome) -> None:
        now = time.monotonic()
        if outcome.status is not None:
            self._answered_at = now
        elif now - self._answered_at > self._give_up_s:
            self._gone = outcome.error


async def _until(moment: float, stop: asyncio.Event) -> None:
    """Wait for a moment of the monotonic clock, or for ``stop``."""
    wait = moment - time.monotonic()
    if wait <= 0:
        await asyncio.sleep(0)  # behind schedule: still let the answers be read
        return
    try:
        await asyncio.wait_for(stop.wait(), wait)
    except TimeoutError:
        return
