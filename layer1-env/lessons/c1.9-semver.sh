#!/usr/bin/env bash
# Lesson c1.9: semantic versioning.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

# publish raises the errors of layerctl, which is installed nowhere.
least() { PYTHONPATH=$layer/../layer2-tooling/layerctl/src "$tools/python" -c 'import sys; from publish.version import least; print(least(sys.argv[1], sys.argv[2]))' "$@"; }
allows() { "$tools/python" -c 'import sys
from poetry.core.constraints.version import Version, parse_constraint
print(" ".join(v for v in sys.argv[2:] if parse_constraint(sys.argv[1]).allows(Version.parse(v))))' "$@"; }

say 'MAJOR.MINOR.PATCH: a break of the public API, an addition, a repair.'
is 2.0.0 "$(least 1.4.2 major)"
is 1.5.0 "$(least 1.4.2 minor)"
is 1.4.3 "$(least 1.4.2 patch)"

say 'Below 1.0.0 nothing is promised; by custom a break is a minor step.'
is 0.5.0 "$(least 0.4.2 major)"

say 'A caret takes what does not break, a tilde what repairs.'
is '1.4.2 1.5.0' "$(allows '^1.4.2' 1.4.2 1.5.0 2.0.0)"
is '1.4.2 1.4.9' "$(allows '~1.4.2' 1.4.2 1.4.9 1.5.0)"
is 0.4.9 "$(allows '^0.4.2' 0.4.9 0.5.0 1.0.0)"

say 'Versions are compared as numbers, not as text; a pre-release comes before its release.'
is '1.9 1.10' "$("$tools/python" -c 'from packaging.version import Version; print(*sorted(["1.10", "1.9"], key=Version))')"
is True "$("$tools/python" -c 'from packaging.version import Version; print(Version("2.0rc1") < Version("2.0"))')"

say 'Whether a change breaks is not a matter of opinion: griffe compares the signatures.'
mkdir -p old/demo new/demo
printf 'def greet(name):\n    return name\n' >old/demo/__init__.py
printf 'def greet(name, mood):\n    return name\n' >new/demo/__init__.py
is 'Parameter was added as required' "$("$tools/python" -c 'import griffe
old, new = (griffe.load("demo", search_paths=[p]) for p in ("old", "new"))
print(*(b.kind.value for b in griffe.find_breaking_changes(old, new)))')"
