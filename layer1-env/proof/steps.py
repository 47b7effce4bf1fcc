"""What the proofs share: a claim that must hold, and a line that says so."""

from __future__ import annotations

from layerctl.console import say


class FailedError(Exception):
    """A claim of a proof did not hold."""


def require(claim: str, held: object, found: object = "") -> None:
    """Say the claim when it holds.

    Raises:
        FailedError: it does not; with what was found instead.
    """
    if not held:
        raise FailedError(f"did not hold: {claim}" + (f" ({found})" if found else ""))
    say(f"  {claim}")
