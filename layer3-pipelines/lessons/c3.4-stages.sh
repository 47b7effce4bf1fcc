#!/usr/bin/env bash
# Lesson c3.4: test, build, release and deploy are stages, and their order is no convention.
#
# Exit codes: 0 all is as said, 1 something is not, 69 the tools of the repository are missing
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/delivery.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/delivery.bash"

say 'The stages. Test and build make a candidate, scan, sign and push release it, the others deploy it.'
is 'test build scan sign push deploy smoke promote' "$("$python" -c 'from pipeline.stages import NAMES; print(*NAMES)')"

say 'A stage is a command with an exit code. It reads what the one before has left, or says what is missing.'
is 1 "$(code "$pipeline" deploy)"
passed test build
is 2 "$(code "$pipeline" deploy)"
is 'scan' "$("$pipeline" deploy 2>&1 | sed -n 's/.*comes after \([a-z]*\),.*/\1/p')"

say 'A failed stage ends the run: what comes after it is refused, until a new run begins with test.'
passed test build sign push
is 2 "$(code "$pipeline" promote)"

say 'Only what is known by its digest is deployed. A tag is refused: it may name another image tomorrow.'
passed test build scan sign push
is 77 "$(code "$pipeline" deploy)"
is 'names no digest' "$("$pipeline" deploy 2>&1 | grep -o 'names no digest')"

say 'What one stage tells the next is a small file, so any runner can carry it to another machine.'
is 'c0ffee deploy' "$("$python" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(d["commit"], d["failed"])' "$PIPELINE_HOME/run/state.json")"

say 'There is no such stage: one message, exit code 2.'
is 2 "$(code "$pipeline" ship)"
