#!/usr/bin/env bats
# ops proctree on processes made for the purpose.

setup() { load helper; }
teardown() { for pid in "${made[@]:-}"; do [[ -z $pid ]] || kill -9 "$pid" 2>/dev/null || true; done; }

@test "a zombie is pointed out, with the parent that does not wait" {
  bash -c 'sleep 0.1 & exec sleep 20' 3>&- &
  made=($!)
  sleep 0.5
  run ops proctree "${made[0]}"
  [ "$status" -eq 0 ]
  [[ ${lines[1]} == *"ZOMBIE"*"zombie: ${made[0]} (sleep) has not waited"* ]]
}

@test "an orphan is pointed out; a child is not" {
  # A session of its own: an adopter in ours, as below a shell that is process 1, could not be told from a parent.
  made=("$(setsid --wait bash -c 'sleep 20 >/dev/null 3>&- & echo $!')")
  sleep 0.1
  run ops proctree "${made[0]}"
  [[ $output == *"orphan: adopted by"* ]]
  sleep 20 3>&- &
  made+=($!)
  run ops proctree "${made[1]}"
  [[ $output != *orphan* ]]
}

@test "signals caught and ignored, stopped state, open files" {
  bash -c 'trap "" HUP; trap : USR1; exec 7</dev/null; while :; do sleep 0.05; done' 3>&- &
  made=($!)
  sleep 0.3
  kill -STOP "${made[0]}"
  sleep 0.1
  run ops proctree "${made[0]}"
  [[ ${lines[0]} == *stopped* ]]
  [[ ${lines[0]} =~ catches\ [A-Z0-9,]*USR1 ]]
  [[ ${lines[0]} =~ ignores\ [A-Z0-9,]*HUP ]]
  [[ ${lines[0]} != *"files 0"* ]]
}

@test "the whole tree holds this shell below its parent" {
  run ops proctree
  [ "$status" -eq 0 ]
  [[ $output == *" $$ "* || $output == "$$ "* ]]
}

@test "no such process, and usage" {
  run ops proctree 4194305
  [ "$status" -eq 1 ]
  for bad in name '' 0x1 '1 2'; do
    run ops proctree "$bad"
    [ "$status" -eq 2 ]
    [[ $output == *'--help' ]]
  done
}

@test "a process that ends while we look is left out, not taken for the one before it" {
  mkdir -p "$BATS_TEST_TMPDIR/proc/10" "$BATS_TEST_TMPDIR/proc/11"
  printf '10 (a (b) c) Z 1 10 10 0\n' >"$BATS_TEST_TMPDIR/proc/10/stat"
  # shellcheck disable=SC2016 # for the shell that asks
  run bash -c 'source "$1"; take_stock "$2"; echo "${!state[*]} ${name[10]} ${state[10]} ${children[1]}"' \
    test "$BATS_TEST_DIRNAME/../libexec/ops-proctree" "$BATS_TEST_TMPDIR/proc"
  [ "$output" = '10 a (b) c Z  10' ]
}
