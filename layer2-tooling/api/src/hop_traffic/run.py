"""One run: plan, send, count, write the truth."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import truthfile
from .errors import GoneError, NoClientError, SettingsError
from .model import Outcome
from .plan import plan
from .progress import Progress
from .settings import Settings
from .truth import Truth, merge

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where to send, what, and where the truth goes.

    Args:
        base_url: a loopback address, as ``loopback_url`` returns it.
        timeout_s: for each step of one request: connect, write, read.
        give_up_s: seconds of failures without an answer until hop counts as gone.
        append: add to the truth that is there, from runs with other seeds.
    """

    base_url: str
    settings: Settings
    truth: Path
    timeout_s: float = 10.0
    give_up_s: float = 5.0
    append: bool = False


@dataclass(slots=True)
class Ending:
    """How a run ended: its own counts, seconds, a signal's number, and lag in seconds."""

    truth: Truth
    seconds: float = 0.0
    signal: int = 0
    lag_s: float = 0.0
    gone: GoneError | None = None


def execute(run: Run) -> Ending:
    """Send the traffic and write the truth, also when the run was cut short.

    Raises:
        TrafficError: nothing was sent, or the truth cannot be written.
    """
    before = _before(run)
    ending = asyncio.run(_send(run))
    ending.truth.runs.append(_record(run, ending))
    truthfile.write(run.truth, merge(before, ending.truth) if before else ending.truth)
    return ending


def _before(run: Run) -> Truth | None:
    # Found out now, not after the traffic has been sent.
    truthfile.probe(run.truth)
    if not (run.append and run.truth.exists()):
        return None
    before = truthfile.read(run.truth)
    if before.threshold_ms != run.settings.threshold_ms:
        raise SettingsError(f"{run.truth} counts slow answers above {before.threshold_ms:g} ms")
    if any(earlier.get("seed") == run.settings.seed for earlier in before.runs):
        raise SettingsError(f"{run.truth} has a run with seed {run.settings.seed}; take another")
    return before


def _record(run: Run, ending: Ending) -> dict[str, object]:
    settings = run.settings
    return {
        "seed": settings.seed,
        "requests": settings.requests,
        "rate": settings.rate,
        "error_share": settings.error_share,
        "slow_share": settings.slow_share,
        "delay_ms": settings.delay_ms,
        "zipf": settings.zipf,
        "seconds": round(ending.seconds, 3),
        "lag_ms": round(ending.lag_s * 1000),
        "complete": not (ending.gone or ending.signal),
    }


async def _send(run: Run) -> Ending:
    try:
        from .exchange import client, preflight
        from .send import Sender
    except ModuleNotFoundError as error:
        raise NoClientError(f"{error.name} is missing: pip install 'hop[traffic]'") from None
    requests = plan(run.settings)
    ending = Ending(Truth(threshold_ms=run.settings.threshold_ms))
    progress = Progress(sys.stderr, total=len(requests))
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def interrupted(number: int) -> None:
        ending.signal = number
        stop.set()

    def report(outcome: Outcome) -> None:
        ending.truth.add(outcome)
        progress.step(ending.truth.failed)

    async with client(run.base_url, timeout_s=run.timeout_s) as http:
        await preflight(http, faults=any(planned.fault for planned in requests))
        progress.begin(run.base_url)
        sender = Sender(http, report, give_up_s=run.give_up_s)
        for number in SIGNALS:
            loop.add_signal_handler(number, interrupted, number)
        started = time.monotonic()
        try:
            await sender.run(requests, stop=stop)
        except GoneError as error:
            ending.gone = error
        finally:
            ending.seconds, ending.lag_s = time.monotonic() - started, sender.lag_s
            for number in SIGNALS:
                loop.remove_signal_handler(number)
            progress.clear()
    return ending
