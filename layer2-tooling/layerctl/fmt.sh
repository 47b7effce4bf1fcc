#!/usr/bin/env bash
# Format Python with Ruff and shell with shfmt, in place.
#
# Usage: layer2-tooling/layerctl/fmt.sh
set -Eeuo pipefail
shopt -s inherit_errexit

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
layer1-env/bootstrap.sh --dev layerctl
readonly bin=.run/venv/layerctl/bin

"$bin/ruff" check --no-cache --fix --quiet .
"$bin/ruff" format --no-cache .
git ls-files -z -co --exclude-standard \
  | xargs -0 grep -lZ -m1 '^#!/usr/bin/env bash' \
  | xargs -0 "$bin/shfmt" -i 2 -ci -bn -l -w
