#!/usr/bin/env bash
# Lesson for 0.4: make a zombie and an orphan, and find both with ops proctree.
set -Eeuo pipefail
shopt -s inherit_errexit

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
say() { printf '\n# %s\n' "$*"; }

say 'A zombie: a child that ended, of a parent that never waits. exec keeps the pid and forgets the child.'
bash -c 'sleep 0.1 & exec sleep 5' &
parent=$!
sleep 0.4
"$here/../bin/ops" proctree "$parent"

say 'A signal does not remove it; it has ended already. Its parent must wait, or end.'
zombie=$(cat "/proc/$parent/task/$parent/children")
kill -KILL "${zombie% }" && sleep 0.1
grep State "/proc/${zombie% }/status"
kill "$parent" && wait "$parent" || true
if [[ -e /proc/${zombie% } ]]; then
  printf 'still there: process 1, which adopted it, is no init that waits\n'
else
  printf 'gone: when the parent ended, process 1 adopted it, and waited\n'
fi

say 'An orphan: its parent ends first, so another process adopts it.'
orphan=$(bash -c 'sleep 5 >/dev/null & printf %s $!')
sleep 0.1
printf 'its parent is now %s\n' "$(awk '/^PPid/ { print $2 }' "/proc/$orphan/status")"
"$here/../bin/ops" proctree "$orphan"
kill "$orphan"
