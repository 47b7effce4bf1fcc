#!/usr/bin/env bash
# Lesson c1.5: pyenv.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

pyenv=$(command -v pyenv || echo "$HOME/.pyenv/bin/pyenv")
[[ -x $pyenv ]] || {
  echo 'c1.5 needs pyenv. Next: see github.com/pyenv/pyenv' >&2
  exit 69
}
export PYENV_ROOT=$place/root
mkdir -p "$PYENV_ROOT/versions" project
for name in stable next; do environment "$PYENV_ROOT/versions/$name"; done

say 'rehash writes one shim for each program of each version. A shim is a small script.'
"$pyenv" rehash
is script "$(if grep -q 'pyenv" exec' "$PYENV_ROOT/shims/python"; then echo script; fi)"

say 'Which version it starts is decided at each call: PYENV_VERSION, then .python-version, then the global one.'
export PATH=$PYENV_ROOT/shims:/usr/bin:/bin
which_version() { python -c 'import os, sys; print(os.path.basename(sys.prefix))'; }
"$pyenv" global stable
is stable "$(which_version)"
echo next >project/.python-version
is next "$(cd project && which_version)"
is stable "$(cd project && PYENV_VERSION=stable which_version)"

say 'A program that only one version has exists as a shim for all, and fails in the others.'
printf '#!/bin/sh\necho hello\n' >"$PYENV_ROOT/versions/next/bin/greet" && chmod +x "$PYENV_ROOT/versions/next/bin/greet"
fails command -v greet
"$pyenv" rehash
is hello "$(cd project && greet)"
fails greet | head -n 1

say 'A version that is not installed is an error at the call, not before.'
fails env PYENV_VERSION=9.9 python --version | head -n 1
