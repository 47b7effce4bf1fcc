#!/usr/bin/env bash
# Lesson c1.7: PATH and environment activation mechanics.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

environment env
wheel demo 1.0
install env demo

say 'activate is sourced: it puts one folder in front of PATH, sets VIRTUAL_ENV, and keeps the old PATH.'
before=$PATH
# shellcheck source=/dev/null
source env/bin/activate
is env/bin "$(realpath --relative-to=. "${PATH%%:*}")"
is env "$(basename "$VIRTUAL_ENV")"

say 'python is now found there, by the ordinary search of PATH and nothing else.'
is env/bin/python "$(realpath -s --relative-to=. "$(command -v python)")"

say 'deactivate puts the old PATH back.'
deactivate
is yes "$(if [[ $PATH == "$before" ]]; then echo yes; fi)"

say 'It is not needed: the path of the interpreter says it all. This is what cron and systemd use.'
is 1.0 "$(env -i env/bin/python -c 'import demo; print(demo.VERSION)')"

say 'And it is not enough: a PATH that somebody changes afterwards wins, whatever the prompt says.'
environment other
(
  # shellcheck source=/dev/null
  source env/bin/activate
  PATH=$place/other/bin:$PATH
  is other "$(python -c 'import os, sys; print(os.path.basename(sys.prefix))')"
  is env "$(basename "$VIRTUAL_ENV")"
)
