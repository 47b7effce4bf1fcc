"""Run a proof of layer 2 and keep its figures as evidence: ``python -m proof 2.1``.

Exit codes: 0 it holds, 1 it does not, 2 usage, 69 something is missing on this machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from layerctl.console import say
from layerctl.engines import absent
from layerctl.evidence import Evidence
from proof import image, workshop
from proof.docker import DockerError, build

MISSING = 69
PROOFS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "2.1": ("docker", lambda: image.prove(build())),
    "2.3": ("native", lambda: workshop.prove("tools")),
    "2.4": ("native", lambda: workshop.prove("kernels")),
    "2.5": ("native", workshop.commands),
}


def prove(name: str) -> int:
    """Run one proof, print and keep its figures."""
    engine, run = PROOFS[name]
    evidence = Evidence(name, command="make layer2", engine=engine)
    if engine != "native" and (reason := absent(engine)):
        print(f"{name} skipped: {reason}")
        return MISSING
    try:
        evidence.facts = run()
    except (AssertionError, DockerError) as error:
        evidence.save("failed")
        say(f"{name} failed: {error}")
        return 1
    evidence.save("passed")
    print(f"{name} passed: " + " - ".join(f"{k} {v}" for k, v in evidence.facts.items()))
    return 0


def main() -> int:
    """Run the named proof."""
    if len(sys.argv) != 2 or sys.argv[1] not in PROOFS:
        print(f"proof: want one of {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    return prove(sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
