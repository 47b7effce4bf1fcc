"""Where the command ``hop`` begins: SIGTERM is heard before anything slow is imported.

As process 1, in a container, a program has no default action for a signal. Without a handler
SIGTERM would be lost while hop starts, and the container killed ten seconds later.
"""

from __future__ import annotations

import contextlib
import gc
import signal
from collections.abc import Iterator
from types import FrameType

served = False  # the server has taken SIGTERM, and ends in order


def stop(number: int, _frame: FrameType | None) -> None:
    """End by the signal, as any program does; process 1 ends with the code that stands for it.

    Raises:
        SystemExit: this is process 1: 0 when the server has ended in order, else 143.
    """
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    raise SystemExit(0 if served else 128 + number)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Import without the garbage collector: what is imported stays, and looking at it costs.

    Frozen, it is not looked at later either, when a request would wait for that.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main() -> int:
    """Run one command and return its exit code."""
    signal.signal(signal.SIGTERM, stop)
    try:
        with uncollected():
            from hop.cli import main as command

        return command()
    except KeyboardInterrupt:  # Ctrl-C while importing
        return 130
