"""Ask, and grade.

Usage: python -m exercises [LESSON [ANSWER]]

Exit codes: 0 asked, or right; 1 wrong; 2 usage; 69 a needed program is missing
"""

from __future__ import annotations

import sys

from exercises.tasks import TASKS, question, solve
from layerctl.console import say
from layerctl.errors import LayerctlError


def same(one: str, other: str) -> bool:
    """Whether two answers say the same; spaces, case and commas do not matter."""
    return one.lower().replace(",", " ").split() == other.lower().replace(",", " ").split()


def main(arguments: list[str]) -> int:
    """Ask or grade."""
    name, answer = (*arguments, "", "")[:2]
    if not name:
        for each in TASKS:
            print(f"{each:<6} {question(each)}")
        return 0
    if name not in TASKS:
        say(f"exercises: no lesson '{name}'. Lessons: {', '.join(TASKS)}")
        return 2
    if not answer:
        print(f"{question(name)}\nNext: make -C layer1-env exercise LESSON={name} ANSWER=...")
        return 0
    try:
        right = same(answer, solve(name))
    except LayerctlError as error:
        say(f"exercises: {error}")
        return error.exit_code
    print(f"{name}: right" if right else f"{name}: not so. Next: layer1-env/lessons/{name}-*.sh")
    return int(not right)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
