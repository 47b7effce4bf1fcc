#!/usr/bin/env bash
# Lesson c2.7: planted faults, each found by one tool alone.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need layerctl
need workshop
ruff() { "$venv/layerctl/bin/ruff" "$@" --no-cache --config "$root/ruff.toml" --quiet; }
mypy() { "$venv/workshop/bin/mypy" --strict --no-incremental --cache-dir "$place/cache" "$@"; }
black() { "$venv/workshop/bin/black" --line-length 100 --check --quiet "$@"; }
# verdicts FILE: exit codes of ruff, black and mypy.
verdicts() { echo "ruff $(code ruff check "$1") black $(code black "$1") mypy $(code mypy "$1")"; }

say 'A clean module.'
printf '"""Shares of a whole."""\n\n\ndef share(part: int, whole: int) -> float:\n    """A fraction."""\n    return part / whole\n' >clean.py
is 'ruff 0 black 0 mypy 0' "$(verdicts clean.py)"

say 'Only the formatter minds layout, and Black and ruff format agree about it.'
sed 's/part \/ whole/part\/whole/' clean.py >layout.py
is 'ruff 0 black 1 mypy 0' "$(verdicts layout.py)"
is 1 "$(code ruff format --check layout.py)"

say 'Only the linter knows that a default list is shared by all calls.'
printf '"""Names."""\n\n\ndef add(name: str, names: list[str] = []) -> list[str]:\n    """Append."""\n    names.append(name)\n    return names\n' >default.py
is 'ruff 1 black 0 mypy 0' "$(verdicts default.py)"
is 'B006' "$("$venv/layerctl/bin/ruff" check --no-cache --config "$root/ruff.toml" --output-format concise default.py | grep -o 'B[0-9]*' | head -n 1)"

say 'Only the type checker follows None from one function into another.'
printf '"""Names."""\n\n\ndef find(names: dict[str, int], name: str) -> int | None:\n    """Look up."""\n    return names.get(name)\n\n\ndef double(names: dict[str, int], name: str) -> int:\n    """Twice."""\n    return 2 * find(names, name)\n' >none.py
is 'ruff 0 black 0 mypy 1' "$(verdicts none.py)"

say 'None of them knows what the code is for: that is what tests are for (c2.8).'
sed 's/part \/ whole/whole \/ part/' clean.py >wrong.py
is 'ruff 0 black 0 mypy 0' "$(verdicts wrong.py)"

say 'A hook runs them before the commit, on the files of the commit, with the options of make lint.'
is 'black mypy ruff ruff-format shellcheck shfmt' "$(sed -nE 's/.*layerctl hook ([a-z-]+)$/\1/p' "$root/.pre-commit-config.yaml" | sort | paste -s -d ' ')"
