"""Break the lab on purpose, let the reader diagnose and repair it, grade the repair.

Usage: python -m conflicts list | break SCENARIO | check [SCENARIO] | clean

Exit codes: 0 done or repaired, 1 still broken, 2 usage, 69 this machine cannot show the scenario
"""

from __future__ import annotations

import shutil
import sys

from conflicts.base import LABS, Lab, build
from conflicts.grade import grade
from conflicts.scenarios import SCENARIOS
from layerctl.console import say
from layerctl.errors import LayerctlError, UsageError
from layerctl.paths import ROOT

CURRENT = LABS / "current"
WHICH = ROOT / "layer2-tooling/layerctl/layerctl"


def named(scenario: str) -> Lab:
    """The lab of a scenario.

    Raises:
        UsageError: there is no such scenario.
    """
    if scenario not in SCENARIOS:
        said = f"no scenario '{scenario}'" if scenario else "no SCENARIO given"
        known = ", ".join(SCENARIOS)
        raise UsageError(
            f"{said}. SCENARIO is one of: {known}", "make layer1-break SCENARIO=no-pip"
        )
    return Lab(LABS.absolute() / scenario)


def make(scenario: str) -> Lab:
    """Make the lab of a scenario anew, see that it works, then break it.

    Raises:
        LayerctlError: the unbroken lab does not work here.
    """
    lab = named(scenario)
    shutil.rmtree(lab.folder, ignore_errors=True)
    build(lab)
    if trouble := grade(lab):
        raise LayerctlError(f"the lab does not work even before it is broken: {trouble}")
    SCENARIOS[scenario](lab)
    CURRENT.write_text(scenario)
    return lab


def check(scenario: str) -> int:
    """Grade the repair.

    Raises:
        UsageError: there is no such lab.
    """
    if not scenario and CURRENT.exists():
        scenario = CURRENT.read_text()
    lab = named(scenario)
    if not lab.folder.is_dir():
        raise UsageError("nothing to check", f"make layer1-break SCENARIO={scenario}")
    trouble = grade(lab)
    if trouble:
        print(f"{scenario}: still broken: {trouble}")
        print(f"Next: in a shell with its env.sh: {WHICH.relative_to(ROOT)} which-python")
        return 1
    print(f"{scenario}: repaired")
    return 0


def clean() -> None:
    """Remove the labs."""
    for scenario in SCENARIOS:
        shutil.rmtree(LABS / scenario, ignore_errors=True)
    shutil.rmtree(LABS / ".template", ignore_errors=True)
    CURRENT.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Run one action."""
    action, scenario = (*arguments, "", "")[:2]
    try:
        if action == "list":
            for name, function in SCENARIOS.items():
                print(f"{name:<22} {(function.__doc__ or '').strip()}")
        elif action == "break":
            lab = make(scenario)
            print(
                f"In {lab.project} the commands  python app.py  and  pip --version  "
                "should work, and for the same Python.\n"
                f"  bash --norc\n  source {lab.folder}/env.sh; cd {lab.project}\n"
                f"  python app.py; pip --version; {WHICH} which-python\n"
                f"Repair env.sh or the files in {lab.folder}, then: make layer1-check"
            )
        elif action == "check":
            return check(scenario)
        elif action == "clean":
            clean()
        else:
            print(__doc__, file=sys.stdout if action == "--help" else sys.stderr)
            return 0 if action == "--help" else 2
    except LayerctlError as error:
        say(f"lab: {error}")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
