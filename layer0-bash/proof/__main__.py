"""Run the proofs of layer 0 and keep their figures as evidence; the work itself is done by Bash.

Python only because evidence is JSON with one writer for all layers, and Bash has none.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from layerctl.evidence import Evidence

HERE = Path(__file__).parent
NAMES = ("0.1", "0.2", "0.3", "0.4", "0.5")
# Those that need an engine run when they are named.
ENGINES = {"0.4-container": "docker", "0.4-fedora": "docker"}
MISSING = 69


def facts_of(output: str) -> dict[str, str | int | float]:
    """Figures from lines ``name<TAB>value``; whole numbers and decimals as such."""
    facts: dict[str, str | int | float] = {}
    for line in output.splitlines():
        name, _, text = line.partition("\t")
        try:
            facts[name] = float(text) if "." in text else int(text)
        except ValueError:
            facts[name] = text
    return facts


def prove(name: str) -> int:
    """Run one proof, print and keep its figures; its exit code (69: a program is missing)."""
    engine = ENGINES.get(name, "native")
    command = "make layer0" if engine == "native" else f"make layer0 ENGINE={engine}"
    evidence = Evidence(name, command=command, engine=engine)
    done = subprocess.run([HERE / name], stdout=subprocess.PIPE, text=True, check=False)
    evidence.facts = facts_of(done.stdout)
    result = {0: "passed", MISSING: "skipped"}.get(done.returncode, "failed")
    evidence.save(result)
    print(f"{name} {result}: " + " - ".join(f"{k} {v}" for k, v in evidence.facts.items()))
    return done.returncode


def main() -> int:
    """Run the named proofs, or all; the first code that is not 0 among them."""
    names = sys.argv[1:] or list(NAMES)
    known = (*NAMES, *ENGINES)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"proof: no proof {unknown[0]}. Proofs: {', '.join(known)}", file=sys.stderr)
        return 2
    codes = [prove(name) for name in names]
    failed = [code for code in codes if code not in (0, MISSING)]
    return failed[0] if failed else max(codes)


if __name__ == "__main__":
    sys.exit(main())
