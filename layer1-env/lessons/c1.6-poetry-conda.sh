#!/usr/bin/env bash
# Lesson c1.6: Poetry environments, Conda environments.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

export POETRY_CACHE_DIR=$place/cache POETRY_VIRTUALENVS_USE_POETRY_PYTHON=true
poetry() { "$tools/poetry" --no-ansi --no-interaction "$@"; }
mkdir project && cd project
printf '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n[tool.poetry]\npackage-mode = false\n' >pyproject.toml

say 'Poetry makes the environment itself: by default in a cache, named after the project and its path.'
poetry lock >/dev/null 2>&1
poetry install >/dev/null 2>&1
is demo "$(basename "$(poetry env info --path)" | cut -d - -f 1)"

say 'In the project, as .venv, it is easier to find and goes away with the project.'
poetry env remove --all >/dev/null
export POETRY_VIRTUALENVS_IN_PROJECT=true
poetry install >/dev/null 2>&1
is .venv "$(basename "$(poetry env info --path)")"

say 'poetry run starts a program in it; nothing stays activated.'
is .venv "$(poetry run python -c 'import os, sys; print(os.path.basename(sys.prefix))')"
is '' "${VIRTUAL_ENV-}"

say 'install makes what the lock says; sync also removes what the lock does not say.'
cd .. && wheel stray 1 && install project/.venv stray && cd project
poetry install >/dev/null 2>&1
is 1 "$(find .venv -path '*/stray/__init__.py' | wc -l)"
poetry sync >/dev/null 2>&1
is 0 "$(find .venv -path '*/stray/__init__.py' | wc -l)"

say 'Conda environments hold the interpreter itself, and libraries that are not Python. Here: static, the file only.'
grep -A 3 '^dependencies' "$layer/envs/old-tokens/environment.yml"
command -v conda >/dev/null || echo 'no Conda on this machine: enable with miniforge, then conda env create -f environment.yml'
