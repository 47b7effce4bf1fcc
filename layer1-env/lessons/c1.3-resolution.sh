#!/usr/bin/env bash
# Lesson c1.3: dependency resolution, pinning, requirements.txt, poetry.lock.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

compile() { "$uv" pip compile --quiet --no-header --no-annotate --no-index --find-links wheels "$@"; }

say 'A resolver looks for one version of each package that suits everybody.'
wheel core 1.0
wheel core 2.0
wheel web 1.0 'core<2'
wheel web 2.0 'core>=2'
printf 'web\n' >web.in
is 'core==2.0 web==2.0' "$(compile web.in | paste -s -d ' ')"

say 'With one more wish the newest web does not fit. The resolver goes back and takes the older one.'
wheel report 1.0 'core<2'
printf 'web\nreport\n' >both.in
is 'core==1.0 report==1.0 web==1.0' "$(compile both.in | paste -s -d ' ')"

say 'Where nothing fits it says which wishes exclude each other.'
printf 'web>=2\nreport\n' >none.in
fails compile none.in | tr '\n' ' ' | grep -o 'all versions of report depend on core<2' | head -n 1

say 'A lock is the answer written down. Later versions do not change it until somebody asks.'
compile web.in -o web.txt
wheel core 2.1
compile web.in -o web.txt
is core==2.0 "$(grep core web.txt)"
compile --upgrade web.in -o web.txt
is core==2.1 "$(grep core web.txt)"

say 'poetry.lock is the same with more in it: every file with its hash, and a digest of what was wished.'
is 1 "$(grep -c '^content-hash' "$layer/envs/old-tokens/poetry.lock")"
is 2 "$(grep -c '    {file = ' "$layer/envs/old-tokens/poetry.lock")"
