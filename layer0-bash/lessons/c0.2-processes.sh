#!/usr/bin/env bash
# Lesson c0.2: processes, PIDs, signals, ps, kill, top.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'A process has a PID, a parent, a state. $! is the PID of the last one in the background.'
sleep 30 &
child=$!
sleep 0.1
is "$$ S sleep" "$(ps -o ppid=,stat=,comm= -p "$child" | awk '{ print $1, substr($2, 1, 1), $3 }')"

say 'STOP cannot be caught; CONT lets it go on. The state tells.'
kill -STOP "$child" && sleep 0.1
is T "$(ps -o stat= -p "$child" | cut -c 1)"
kill -CONT "$child" && sleep 0.1
is S "$(ps -o stat= -p "$child" | cut -c 1)"

say 'TERM asks. The exit code of what a signal ended is 128 plus its number: 143.'
kill -TERM "$child"
code=0
wait "$child" || code=$?
is 143 "$code"

say 'A process may catch TERM and clean up; KILL it cannot catch, so its lock file stays.'
cat >worker <<'WORKER'
trap 'rm -f lock; exit 0' TERM
touch lock ready
while :; do sleep 0.05; done
WORKER
for signal in TERM KILL; do
  rm -f ready lock
  bash worker &
  child=$!
  until [[ -e ready ]]; do sleep 0.02; done
  kill "-$signal" "$child"
  wait "$child" 2>/dev/null || true
  printf '%s: the lock %s\n' "$signal" "$([[ -e lock ]] && echo stays || echo 'is gone')"
done
is stays "$([[ -e lock ]] && echo stays || echo gone)"

say 'kill -0 sends nothing: it asks whether there is such a process.'
is no "$(kill -0 "$child" 2>/dev/null && echo yes || echo no)"

say 'top, once and for a script: this shell.'
if command -v top >/dev/null; then top -b -n 1 -p "$$" | sed -n 7,10p; else echo 'top is missing. Next: sudo apt-get install procps'; fi
