#!/usr/bin/env bash
# What the lessons of layer 2 share beside layer 0's: where the repository and its programs are. Sourced.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${SIX_LAYERS_RUN:-$root/.run}/venv
readonly root venv
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$root/layer0-bash/lessons/lesson.bash"
# shellcheck source=.ci/engines/env.bash
source "$root/.ci/engines/env.bash"

# need PROJECT: stop with 69 where its environment is missing.
need() {
  [[ -x $venv/$1/bin/python ]] || {
    printf '%s is not set up. Enable: layer1-env/bootstrap.sh --dev %s\n' "$1" "$1" >&2
    exit 69
  }
}

# code COMMAND...: its exit code, and nothing else.
code() {
  local found=0
  "$@" >/dev/null 2>&1 || found=$?
  printf '%s\n' "$found"
}
