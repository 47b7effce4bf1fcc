"""Run the proofs of layer 1 and keep their figures as evidence.

Usage: python -m proof [1.1 | 1.2 | 1.3 | 1.4]...

Exit codes: 0 all hold, 1 one does not, 2 usage, 69 a needed program is missing
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from layerctl import environments
from layerctl.console import say
from layerctl.errors import LayerctlError, MissingError
from layerctl.evidence import Evidence
from layerctl.paths import VENV
from proof.steps import FailedError

PROOFS = {
    "1.1": "proof.isolated",
    "1.2": "proof.library",
    "1.3": "proof.conflicts_named",
    "1.4": "proof.set_up",
}
# These use the programs of this environment, from within it.
TOOLS = VENV / "tools"
IN_TOOLS = ("1.1", "1.2")


def prove(name: str) -> int:
    """Run one proof, print and keep its figures; its exit code."""
    if name in IN_TOOLS and Path(sys.prefix) != TOOLS:
        environments.setup(["tools"], level="run", check=False)
        return subprocess.call([TOOLS / "bin/python", "-B", "-m", "proof", name])
    evidence = Evidence(name, command="make layer1")
    result, code = "failed", 1
    try:
        importlib.import_module(PROOFS[name]).prove(evidence.facts)
        result, code = "passed", 0
    except MissingError as error:
        result, code = "skipped", MissingError.exit_code
        say(f"{name}: {error}")
    except (LayerctlError, FailedError, OSError) as error:
        say(f"{name}: {error}")
    except subprocess.CalledProcessError as error:
        say(f"{name}: {error}\n{error.stderr or error.stdout or ''}")
    evidence.save(result)
    print(f"{name} {result}: " + " - ".join(f"{k} {v}" for k, v in evidence.facts.items()))
    return code


def main() -> int:
    """Run the named proofs, or all."""
    names = sys.argv[1:] or list(PROOFS)
    unknown = [name for name in names if name not in PROOFS]
    if unknown:
        say(f"proof: no proof {unknown[0]}. Proofs: {', '.join(PROOFS)}")
        return 2
    codes = [prove(name) for name in names]
    failed = [code for code in codes if code not in (0, MissingError.exit_code)]
    return failed[0] if failed else max(codes)


if __name__ == "__main__":
    sys.exit(main())
