#!/usr/bin/env bash
# Lesson c3.10: infrastructure as code. A host is a file: changed by review, undone, made again from nothing.
set -Eeuo pipefail
shopt -s inherit_errexit
here_is=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=layer3-pipelines/lessons/lesson.bash
source "$here_is/lesson.bash"
# shellcheck source=layer3-pipelines/lessons/ansible.bash
source "$here_is/ansible.bash"
cp "$iac/host.yaml" "$iac/host.vars.yaml" "$place"

say 'The host is two files in the repository. This is all of what may vary.'
grep -v '^#' host.vars.yaml
play host.yaml
state >wanted

say 'A change is a change of the file. Before it is applied it is a plan that can be reviewed.'
sed -i 's/^keep_days: 7$/keep_days: 30/' host.vars.yaml
play host.yaml --check --diff
grep -E '^[-+][^-+]' said
is 2 "$(changed)"
is keep_days=7 "$(cat /srv/report/report.conf)"

say 'Applied.'
play host.yaml
is keep_days=30 "$(cat /srv/report/report.conf)"

say 'Undone: the file as it was (git revert), applied. Nobody must remember what to undo.'
cp "$iac/host.vars.yaml" .
play host.yaml
is 'as before' "$(diff wanted <(state) && echo 'as before')"

say 'Lost: the host is wiped. The same file makes the same host; no backup of settings was needed.'
wipe
play host.yaml
is 'as before' "$(diff wanted <(state) && echo 'as before')"
