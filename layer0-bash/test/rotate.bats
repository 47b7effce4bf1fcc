#!/usr/bin/env bats
# ops rotate, with a real writer.

setup() {
  load helper
  logs=$BATS_TEST_TMPDIR/logs
  mkdir "$logs"
  examples=$BATS_TEST_DIRNAME/../examples/rotate
}
teardown() { [[ -z ${writer:-} ]] || kill "$writer" 2>/dev/null || true; }
start_writer() {
  "$examples/writer" "$logs/app.log" 1000 3>&- &
  writer=$!
  until [[ -s $logs/app.log ]]; do sleep 0.02; done
}
archives() { find "$logs" -name '*.gz' | wc -l; }

@test "a log becomes an archive of the same content" {
  printf 'line\n' >"$logs/a b.log"
  run ops rotate "$logs/a b.log"
  [ "$status" -eq 0 ]
  [ ! -e "$logs/a b.log" ]
  [ "$(zcat "$logs"/a\ b.log.*.gz)" = line ]
  [ "$(find "$logs" -mindepth 1 | wc -l)" -eq 1 ]
}

@test "a second run in the same directory is 75 and moves nothing; after the first it rotates" {
  printf 'line\n' >"$logs/app.log"
  mkdir "$logs/.ops-rotating"
  exec 8<"$logs/.ops-rotating"
  flock 8
  run ops rotate "$logs/app.log"
  [ "$status" -eq 75 ]
  [[ $output == *"another run rotates in $logs"* ]]
  [ "$(cat "$logs/app.log")" = line ]
  exec 8<&-
  run ops rotate "$logs/app.log"
  [ "$status" -eq 0 ]
  [ "$(archives)" -eq 1 ]
}

@test "20 rotations at 30,000 lines a second lose and double nothing" {
  run "$examples/measure" ops 20 30000
  [ "$status" -eq 0 ]
  read -r _ rotations written kept lost doubled _ <<<"$output"
  echo "$written lines in $rotations rotations: $lost lost, $doubled doubled" >&3
  [ "$written" -gt 10000 ]
  [ "$kept" -eq "$written" ]
  [ "$lost" -eq 0 ]
  [ "$doubled" -eq 0 ]
}

@test "control: the same measurement sees the lines that copytruncate loses" {
  command -v logrotate >/dev/null || skip "logrotate is missing. Next: sudo apt-get install logrotate"
  # A writer that the machine happens to hold while its log is copied loses nothing: asked again.
  for _ in {1..20}; do
    run "$examples/measure" copytruncate 20 30000
    [ "$status" -eq 0 ]
    read -r _ _ _ _ lost _ <<<"$output"
    [ "$lost" -eq 0 ] || break
  done
  [ "$lost" -gt 0 ]
}

@test "the equivalent logrotate configuration loses nothing either" {
  command -v logrotate >/dev/null || skip "logrotate is missing. Next: sudo apt-get install logrotate"
  run "$examples/measure" logrotate 20 30000
  read -r _ _ _ _ lost _ <<<"$output"
  [ "$lost" -eq 0 ]
}

@test "a writer that keeps the old file: not compressed, 75; a later run finishes it" {
  start_writer
  run ops rotate --wait 1 "$logs/app.log"
  [ "$status" -eq 75 ]
  [ "$(archives)" -eq 0 ]
  [ -e "$logs/.ops-rotating/app.log" ]
  kill "$writer" && wait "$writer" || true
  printf 'next\n' >"$logs/other.log"
  run ops rotate "$logs/other.log"
  [ "$status" -eq 0 ]
  [ "$(archives)" -eq 2 ]
  [ ! -e "$logs/.ops-rotating" ]
}

@test "a link out of the directory is refused; one within it is followed" {
  printf 'mine\n' >"$BATS_TEST_TMPDIR/elsewhere"
  ln -s ../elsewhere "$logs/link.log"
  run ops rotate "$logs/link.log"
  [ "$status" -eq 77 ]
  [ "$(cat "$BATS_TEST_TMPDIR/elsewhere")" = mine ]
  printf 'x\n' >"$logs/real.log" && ln -s real.log "$logs/current.log"
  run ops rotate "$logs/current.log"
  [ "$status" -eq 0 ]
  [ "$(archives)" -eq 1 ]
}

@test "a pid file of a process that does not write here is refused, and nothing is signalled" {
  printf 'x\n' >"$logs/a.log"
  sleep 60 3>&- &
  writer=$!
  printf '%s\n' "$writer" >"$logs/pid"
  run ops rotate --pid-file "$logs/pid" "$logs/a.log"
  [ "$status" -eq 77 ]
  kill -0 "$writer"
  [ -e "$logs/a.log" ]
  printf -- '-1\n' >"$logs/pid"
  run ops rotate --pid-file "$logs/pid" "$logs/a.log"
  [ "$status" -eq 77 ]
}

@test "size and age rules, and empty logs" {
  printf 'small\n' >"$logs/small.log"
  head -c 5000 /dev/zero >"$logs/big.log"
  : >"$logs/empty.log"
  run ops rotate --min-size 2k "$logs/small.log" "$logs/big.log" "$logs/empty.log"
  [ "$output" = 'rotated 1 of 3 logs' ]
  head -c 5000 /dev/zero >"$logs/big.log"
  run ops rotate --min-age 1 "$logs/big.log"
  [ "$(archives)" -eq 1 ]
  touch -d '2 hours ago' "$logs"/*.gz
  run ops rotate --min-age 1 "$logs/big.log"
  [ "$(archives)" -eq 2 ]
}

@test "keeps N archives, the newest" {
  for i in 1 2 3 4 5; do
    printf '%s\n' "$i" >"$logs/a.log"
    # Not octal, in which there is no 8 and 010 is 8.
    ops rotate --keep 003 --min-age 00 "$logs/a.log"
  done
  [ "$(zcat "$logs"/a.log.*.gz | paste -s -d ' ')" = '3 4 5' ]
  printf '6\n' >"$logs/a.log"
  run ops rotate --keep 08 --min-age 00 "$logs/a.log"
  [ "$status" -eq 0 ]
  [ "$output" = 'rotated 1 of 1 logs' ]
}

@test "an archive cut short by a kill goes, its log is compressed again: one whole archive" {
  mkdir "$logs/.ops-rotating"
  seq 1000 >"$logs/.ops-rotating/app.log"
  gzip -c "$logs/.ops-rotating/app.log" | head -c 100 >"$logs/.ops-rotating/app.log.20260101T000000.000000Z.gz"
  # Another, that was complete: its log is gone.
  seq 7 | gzip -c >"$logs/.ops-rotating/done.log.20260101T000000.000000Z.gz"
  printf 'next\n' >"$logs/other.log"
  run ops rotate "$logs/other.log"
  [ "$status" -eq 0 ]
  [ "$(archives)" -eq 3 ]
  gzip -t "$logs"/*.gz
  [ "$(zcat "$logs"/app.log.*.gz | wc -l)" -eq 1000 ]
  [ "$(zcat "$logs"/done.log.*.gz | wc -l)" -eq 7 ]
}

@test "a log with a second name is compressed; the same log named twice is rotated once" {
  printf 'x\n' >"$logs/a.log" && ln "$logs/a.log" "$logs/second.log"
  run ops rotate "$logs/a.log" "$logs/a.log"
  [ "$status" -eq 0 ]
  [ "$output" = 'rotated 1 of 1 logs' ]
  [ "$(archives)" -eq 1 ]
  [ "$(cat "$logs/second.log")" = x ]
  [ ! -e "$logs/.ops-rotating" ]
}

@test "a full disk, or a directory that may not be written: 1, with the reason, and no line is lost" {
  printf 'x\n' >"$logs/a.log"
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\necho "gzip: No space left on device" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/gzip"
  chmod +x "$BATS_TEST_TMPDIR/bin/gzip"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run ops rotate "$logs/a.log"
  [ "$status" -eq 1 ]
  [[ $output == *"not compressed: $logs/.ops-rotating/a.log"* ]]
  printf 'y\n' >"$logs/b.log"
  run ops rotate "$logs/b.log"
  [ "$status" -eq 0 ]
  [ "$(zcat "$logs"/*.gz | paste -s -d ' ')" = 'x y' ]
  printf 'z\n' >"$logs/c.log"
  printf '#!/bin/sh\necho "mv: Read-only file system" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/mv"
  chmod +x "$BATS_TEST_TMPDIR/bin/mv"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run ops rotate "$logs/c.log"
  [ "$status" -eq 1 ]
  [[ $output != *rotated* ]]
  [ -e "$logs/c.log" ]
}

@test "usage" {
  run ops rotate
  [ "$status" -eq 2 ]
  run ops rotate --keep x "$logs"
  [ "$status" -eq 77 ]
  touch "$logs/a.log"
  for wrong in '--keep x' '--signal NONE' '--min-size huge' '--min-size -5' '--keep'; do
    # shellcheck disable=SC2086 # two words
    run ops rotate "$logs/a.log" $wrong
    [ "$status" -eq 2 ]
  done
  run ops rotate "$logs/missing.log"
  [ "$status" -eq 1 ]
  run ops rotate ''
  [ "$status" -eq 2 ]
}
