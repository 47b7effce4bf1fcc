#!/usr/bin/env bash
# What the lessons share: a place of their own, checks that stop a lesson, offline packages. Sourced.

layer=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly layer
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$layer/../layer0-bash/lessons/lesson.bash"

"$layer/bootstrap.sh" tools 2>/dev/null
python=$("$layer/bootstrap.sh" --print-python)
tools=$(realpath -- "$layer/../.run/venv/tools/bin")
uv=$(realpath -- "$layer/../.run/uv/bin/uv")
# shellcheck disable=SC2034 # the lessons use it
readonly python tools uv
# A reader's own settings must not change what a lesson shows; nothing here asks the network.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PYENV_VERSION
export UV_OFFLINE=1 UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=$place/.uv PIP_NO_INDEX=1 \
  PIP_DISABLE_PIP_VERSION_CHECK=1 NO_COLOR=1

# wheel NAME VERSION [REQUIREMENT...]: a wheel of a package that knows its version, in ./wheels.
wheel() { PYTHONPATH=$layer "$python" -B -m tinywheel wheels "$@"; }

# environment NAME: an empty one; install NAME PACKAGE...: from ./wheels.
environment() { "$uv" venv --quiet --python "$python" "$1"; }
install() { mkdir -p wheels && "$uv" pip install --quiet --python "$1" --find-links wheels --no-index "${@:2}"; }

# fails COMMAND...: what a command that must fail says.
fails() {
  if "$@" 2>&1; then
    printf 'this lesson expected that to fail: %s\n' "$*" >&2
    exit 1
  fi
}
