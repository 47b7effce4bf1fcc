#!/usr/bin/env bash
# Lesson c3.2: cron, at, systemd timers. Takes up to a minute, because cron looks once a minute.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

readonly crontab=/etc/cron.d/lesson
trap 'rm -rf -- "$crontab" "$place"' EXIT
# Both daemons read it as root, and mktemp's folder is ours alone.
readonly seen=$place/seen
touch "$seen"
lines() { grep -c "^$1" "$seen" || true; }

say 'cron: minute, hour, day, month, weekday, in /etc/cron.d also the account. It gives a job little.'
cat >"$crontab" <<CRONTAB
MAILTO=""
* * * * * root echo "cron: PATH=\$PATH HOME=\$HOME" >>$seen
CRONTAB
cat "$crontab"

say 'at: once. The time now is at once; a job that waits can be listed and taken back.'
echo "echo at: I ran >>$seen" | at now 2>&1 | tail -n 1
until_is 1 lines 'at: I ran'
number=$(echo true | at 03:30 tomorrow 2>&1 | awk '/^job/ { print $2 }')
is 1 "$(atq | grep -c "^$number")"
atrm "$number"
is 0 "$(atq | grep -c "^$number" || true)"

say 'A timer starts a service. This one has no file: systemd-run makes both.'
systemd-run --quiet --unit lesson-timer --on-active=1s --timer-property=AccuracySec=100ms \
  /bin/sh -c "echo timer: I ran >>$seen"
until_is 1 lines 'timer: I ran'

say 'When will it run? systemd answers before you install anything.'
systemd-analyze calendar --base-time='2026-12-01 00:00:00 UTC' 'Mon..Fri *-*-* 06:05:00 UTC' | grep -E 'Normalized|Next'

# next DATE ZONE: when 02:30 in that zone comes after noon of DATE, in UTC.
next() {
  systemd-analyze calendar --base-time="$1 12:00:00 UTC" "*-*-* 02:30:00 $2" | awk '/Next elapse/ { print $4, $5, $6 }'
}
say 'On 28 March 2027 the clocks in Berlin jump from 2 to 3: 02:30 does not come, and nothing says so.'
is '2027-03-29 00:30:00 UTC' "$(next 2027-03-27 Europe/Berlin)"

say 'In UTC every day has it. So schedules, like log times, are in UTC.'
is '2027-03-28 02:30:00 UTC' "$(next 2027-03-27 UTC)"

say 'And cron, which has waited for its minute: PATH is short, and no profile was read.'
until_is 1 lines 'cron: PATH=/usr/bin:/bin HOME=/root'
