#!/usr/bin/env bash
# Check and build a release of slokit: version, changelog, API reference, two builds that are alike.
#
# Usage: layer1-env/release.sh TAG OUT
#
#   TAG  slokit-vMAJOR.MINOR.PATCH
#   OUT  where wheel and sdist go
#
# Exit codes: 0 built, 1 a rule does not hold, 2 usage
set -Eeuo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
(($# == 2)) || { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2 && exit 2; }
"$here/bootstrap.sh" tools
PYTHONPATH=$here/../layer2-tooling/layerctl/src exec "$here/../.run/venv/tools/bin/python" -m publish release "$1" "$2"
