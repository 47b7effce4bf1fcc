#!/usr/bin/env bash
# Lock the two projects again, on both ways: uv (requirements.txt) and Poetry (poetry.lock and its export).
#
# Usage: layer1-env/envs/lock.sh
set -Eeuo pipefail
shopt -s inherit_errexit

cd "$(dirname "${BASH_SOURCE[0]}")"
readonly root=../..
"$root/layer1-env/bootstrap.sh" tools
uv=$(realpath "$root/.run/uv/bin/uv")
poetry=$(realpath "$root/.run/venv/tools/bin/poetry")
# Poetry asks PyPI's JSON API, which mirrors often lack: send it to the index that pip itself uses.
POETRY_PYPI_MIRROR_URL=$("${poetry%/*}/python" -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')
export POETRY_PYPI_MIRROR_URL POETRY_VIRTUALENVS_CREATE=false
for project in old-tokens new-tokens; do
  (
    cd "$project"
    "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
      requirements.in -o requirements.txt
    "$poetry" lock
    "$poetry" export --without-urls -o requirements-poetry.txt
    version=$(sed -n 's/^itsdangerous==\([^ ]*\).*/\1/p' requirements.txt)
    sed -i "s/itsdangerous=.*/itsdangerous=$version/" environment.yml
  )
done
