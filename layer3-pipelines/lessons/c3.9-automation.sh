#!/usr/bin/env bash
# Lesson c3.9: infrastructure automation versus scripting. The same host twice; run twice, and after drift.
set -Eeuo pipefail
shopt -s inherit_errexit
here_is=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=layer3-pipelines/lessons/lesson.bash
source "$here_is/lesson.bash"
# shellcheck source=layer3-pipelines/lessons/ansible.bash
source "$here_is/ansible.bash"

say 'A script says what to do. On an empty host it works.'
"$iac/setup-host"
state
state >"$place/wanted"

say 'The second time it stops at its first step: the account is there (useradd: 9).'
code=0
"$iac/setup-host" || code=$?
is 9 "$code"

say 'So somebody lets it go on after errors. Now it does harm: every setting stands twice.'
sed 's/^set .*//' "$iac/setup-host" | bash 2>/dev/null
is 2 "$(grep -c keep_days /srv/report/report.conf)"

say 'A description says how it shall be. Ansible compares, and changes only what differs.'
wipe
play "$iac/host.yaml"
is 4 "$(changed)"
is 'the same host' "$(diff "$place/wanted" <(state) && echo 'the same host')"

say 'The second time there is nothing to do, and it says so.'
play "$iac/host.yaml"
is 0 "$(changed)"

say 'Drift: somebody changes the host by hand. --check finds it, and changes nothing.'
chmod 777 /srv/report
echo keep_days=9999 >/srv/report/report.conf
play "$iac/host.yaml" --check --diff
grep -E '^[-+](keep_days| *"mode")' "$place/said"
is 2 "$(changed)"
is 777 "$(stat -c %a /srv/report)"

say 'The script knows nothing of that: it stops at its first step again, and repairs nothing.'
code=0
"$iac/setup-host" || code=$?
is 9 "$code"
is 777 "$(stat -c %a /srv/report)"
is keep_days=9999 "$(cat /srv/report/report.conf)"

say 'The description applied, it converges: exactly these two are repaired.'
play "$iac/host.yaml"
is 2 "$(changed)"
is 'the same host' "$(diff "$place/wanted" <(state) && echo 'the same host')"
