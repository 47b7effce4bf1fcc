#!/usr/bin/env bash
# Lesson c0.10: job control: "&", nohup, jobs, fg, bg, in a real pseudo-terminal.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say '& does not wait. $! is the PID, wait collects the exit code.'
(exit 3) &
code=0
wait $! || code=$?
is 3 "$code"

say 'Scripts have no job control: jobs, fg and bg belong to interactive shells. Here is one, in a terminal.'
command -v script >/dev/null || {
  echo 'skipped: script is missing. Next: sudo apt-get install bsdutils' >&2
  exit 69
}
# Each line is typed when the one before has answered: so nothing depends on speed.
mkfifo keys
# A script's background job ignores INT, and so would all that it starts: set it back.
env --default-signal=INT,QUIT script -qfec 'bash --norc --noprofile -i' typescript <keys >/dev/null 2>&1 &
terminal=$!
exec 5>keys

# seen TEXT: wait, at most 10 s, until the terminal shows it.
seen() {
  local tries=0
  until grep -qF -- "$1" typescript 2>/dev/null; do
    ((++tries < 200)) || {
      printf 'the terminal never showed: %s\n' "$1" >&2
      exit 1
    }
    sleep 0.05
  done
}
type_line() { printf '%s\n' "$1" >&5; }

# shellcheck disable=SC2016 # for the shell in the terminal
type_line 'PS1="ready> "; echo begin-$((1 + 1))'
seen begin-2
type_line 'sleep 60'
type_line ''
sleep 0.3
printf '\032' >&5
seen Stopped
echo 'Ctrl-Z: the terminal sends TSTP to the job in front; it is stopped, the shell is back'
type_line 'bg; jobs -r | wc -l | sed "s/^/running-/"'
seen running-1
echo 'bg: it goes on in the background'
type_line 'fg'
sleep 0.3
printf '\003' >&5
# The terminal throws away what was typed before the interrupt, so wait for its echo.
seen '^C'
type_line 'echo code-$?'
seen code-130
echo 'fg, then Ctrl-C: INT to the job in front; 130 = 128 + 2'
type_line 'nohup sh -c "sleep 60" >/dev/null 2>&1 & echo pid=$!=; disown -a'
seen 'pid='
type_line 'exit'
exec 5>&-
wait "$terminal" 2>/dev/null || true

say 'nohup: the terminal is gone, the job is not. A terminal that closes sends HUP, which nohup ignores.'
pid=$(sed -n 's/.*pid=\([0-9]\{1,\}\)=.*/\1/p' typescript | tail -n 1)
is running "$(kill -0 "$pid" && echo running)"
is yes "$( ((16#$(awk '/^SigIgn/ { print substr($2, 9) }' "/proc/$pid/status") & 1)) && echo yes)"
kill "$pid"
