"""1.3: every conflict of the lab is graded as broken, named, repaired, and graded as repaired."""

from __future__ import annotations

from typing import Any

from conflicts.__main__ import clean
from conflicts.base import LABS
from conflicts.exercise import go_through
from conflicts.scenarios import SCENARIOS
from layerctl.console import say
from layerctl.errors import MissingError
from proof.steps import FailedError, require


def prove(facts: dict[str, Any]) -> None:
    """Go through every scenario."""
    named = skipped = 0
    for scenario in SCENARIOS:
        try:
            outcome = go_through(scenario)
        except MissingError as error:
            skipped += 1
            say(f"  {scenario:<22} skipped: {error}")
            continue
        trouble = outcome.trouble.replace(f"{LABS.absolute()}/", "")
        require(f"{scenario:<22} {trouble[:72]}", outcome.trouble)
        if scenario != outcome.causes[0]:
            raise FailedError(f"{scenario}: the diagnosis names {outcome.causes}")
        if outcome.left or outcome.causes_left:
            raise FailedError(f"{scenario}: not repaired: {outcome.left} {outcome.causes_left}")
        named += 1
    clean()
    say("  each was named by layerctl which-python, and graded before and after its repair")
    facts.update(scenarios=len(SCENARIOS), named_and_repaired=named, skipped=skipped)
    require("at least ten conflicts were shown here", named >= 10, named)
