#!/usr/bin/env bash
# Lesson for 0.4: make a zombie and an orphan, and find both with ops proctree.
set -Eeuo pipefail
shopt -s inherit_errexit

made=()
trap 'kill "${made[@]}" 2>/dev/null || true' EXIT
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# until_is WANTED COMMAND...: wait, at most 30 s, until it prints that; however busy the machine is.
until_is() {
  local tries=0
  until [[ $("${@:2}" 2>/dev/null) == "$1" ]]; do
    ((++tries < 1000))
    sleep 0.03
  done
}
say() { printf '\n# %s\n' "$*"; }

say 'A zombie: a child that ended, of a parent that never waits. exec keeps the pid and forgets the child.'
bash -c 'sleep 0.1 & exec sleep 60' &
parent=$!
made+=("$parent")
until_is sleep cat "/proc/$parent/comm"
zombie=$(cat "/proc/$parent/task/$parent/children")
until_is Z cut -d ' ' -f 3 "/proc/${zombie% }/stat"
"$here/../bin/ops" proctree "$parent"

say 'A signal does not remove it; it has ended already. Its parent must wait, or end.'
kill -KILL "${zombie% }" && sleep 0.1
grep State "/proc/${zombie% }/status"
kill "$parent" && wait "$parent" || true
if [[ -e /proc/${zombie% } ]]; then
  printf 'still there: process 1, which adopted it, is no init that waits\n'
else
  printf 'gone: when the parent ended, process 1 adopted it, and waited\n'
fi

say 'An orphan: its parent ends first, so another process adopts it.'
# In a session of its own, so that an adopter in ours cannot be taken for its parent.
orphan=$(setsid --wait bash -c 'sleep 60 >/dev/null & printf %s $!')
made+=("$orphan")
printf 'its parent is now %s\n' "$(awk '/^PPid/ { print $2 }' "/proc/$orphan/status")"
"$here/../bin/ops" proctree "$orphan"
