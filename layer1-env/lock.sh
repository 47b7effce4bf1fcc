#!/usr/bin/env bash
# Lock a project again: poetry.lock and its hash-locked exports, without index addresses.
#
# Usage: layer1-env/lock.sh PROJECT-DIR...
#
#   requirements.txt      what the project needs to run, extras included
#   requirements-dev.txt  the same and the group `dev`: tests, types
#   requirements-java.txt, requirements-image.txt
#                         the groups `java` and `image` alone, where the project has them
#
# Exit codes: 0 done, 1 Poetry failed, 2 usage
set -Eeuo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
# shellcheck source=layer1-env/toolchain.env
source "$here/toolchain.env"
readonly tool=$here/../.run/poetry

install_poetry() {
  local python
  python=$("$here/bootstrap.sh" --print-python)
  "$python" -m venv "$tool"
  "$tool/bin/pip" install --quiet "poetry==$POETRY_VERSION" \
    "poetry-plugin-export==$POETRY_EXPORT_VERSION" "poetry-plugin-pypi-mirror==$POETRY_MIRROR_VERSION"
  touch "$tool/$POETRY_VERSION"
}

lock() {
  local poetry=$tool/bin/poetry
  cd "$1"
  "$poetry" lock
  # Even a package's description of itself may name an index.
  sed -i '/^description = /s/[a-z.]*pypi\.org/PyPI/g' poetry.lock
  "$poetry" export --without-urls --all-extras -o requirements.txt
  "$poetry" export --without-urls --all-extras --with dev -o requirements-dev.txt
  local group
  # Java comes as a wheel only where a machine has none, and what builds an image stays out of it.
  for group in java image; do
    ! grep -q "^\[tool.poetry.group.$group" pyproject.toml \
      || "$poetry" export --without-urls --only "$group" -o "requirements-$group.txt"
  done
}

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

main() {
  local project
  case ${1:-} in
    -h | --help) usage && return ;;
    '') usage >&2 && exit 2 ;;
    *) ;;
  esac
  for project in "$@"; do
    [[ -f $project/pyproject.toml ]] \
      || { printf "lock.sh: no project in '%s': it has no pyproject.toml. Next: lock.sh --help\n" "$project" >&2 && exit 2; }
  done
  [[ -e $tool/$POETRY_VERSION ]] || install_poetry
  # Poetry asks PyPI's JSON API, which mirrors often lack: send it to the index that pip itself uses.
  POETRY_PYPI_MIRROR_URL=$("$tool/bin/python" -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')
  # Else Poetry makes an environment for each project in a cache of its own.
  export POETRY_PYPI_MIRROR_URL POETRY_VIRTUALENVS_CREATE=false
  for project in "$@"; do (lock "$project"); done
}

main "$@"
