# shellcheck shell=bash
# What the lessons on Compose share beside layer 0's; sourced.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$root/layer0-bash/lessons/lesson.bash"
CHECKOUT=$(printf '%s' "$root" | sha256sum | cut -c1-12)
PLACE=${place:?layer0-bash/lessons/lesson.bash sets it}
export CHECKOUT PLACE
# shellcheck source=.ci/engines/env.bash
source "$root/.ci/engines/env.bash"
docker version >/dev/null 2>&1 || {
  echo 'no Docker engine answers. Next: make engines ENGINE=docker' >&2
  exit 69
}

# images NAME...: have them, and their tags as variables.
images() {
  local lines
  lines=$("$root/layer3-pipelines/images/build" "$@" 2>"$place/images.log") || { cat "$place/images.log" >&2 && exit 1; }
  set -a
  eval "$lines"
  set +a
}

# stack FILE: `compose` is Docker Compose on that file of this folder, in a project that ends with the lesson.
stack() {
  readonly file=$root/layer3-pipelines/lessons/$1 project=six-layers-lesson-$$
  trap 'compose down --volumes --timeout 1 >/dev/null 2>&1; rm -rf -- "$place"' EXIT
}

compose() { docker compose --progress quiet -p "$project" -f "$file" "$@"; }

# soon COMMAND...: wait, at most 120 s, until a command has output, and print it.
soon() {
  local tries=0 found
  until found=$("$@") && [[ -n $found ]]; do
    ((++tries < 240)) || { printf 'never: %s\n' "$*" >&2 && exit 1; }
    sleep 0.5
  done
  printf '%s\n' "$found"
}
