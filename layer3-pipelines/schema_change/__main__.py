"""``make -C layer3-pipelines schema-change``: a column is renamed, and no request fails.

Exit codes: 0 shown, 1 not, 69 no PostgreSQL here, 130 and 143 stopped by a signal.
"""

from __future__ import annotations

import sys

from main_job.processes import Stopped, stop_on_signals

from layerctl import engines, environments
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.evidence import Evidence
from schema_change import story

COMMAND = "make -C layer3-pipelines schema-change"


def main() -> int:
    """Tell the story and keep its figures; the exit code."""
    evidence = Evidence("layer3-schema-change", COMMAND, engine="postgres")
    stop_on_signals()
    try:
        if reason := engines.absent("postgres"):
            raise MissingError(reason)
        environments.setup(["api"], level="run", check=False)
        story.tell(evidence.facts)
        evidence.save("passed")
    except LayerctlError as error:
        say(f"schema-change: {error}")
        evidence.save("skipped" if isinstance(error, MissingError) else "failed")
        return error.exit_code
    except Stopped as stop:
        say("\nschema-change: stopped; nothing is left running")
        return stop.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
