#!/usr/bin/env bats
# ops prune on real stores.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store
  mkdir "$source_dir"
}

kept() { ops list "$store" | cut -f 1 | sed 's/_.*//; s/^0*//' | paste -s -d ' '; }

@test "daily keeps the newest of each day, weekly of each week, monthly of each month" {
  i=0
  for day in 2026-01-15 2026-02-10 2026-02-20 2026-03-02 2026-03-03 2026-03-03T12:00 2026-03-04; do
    snapshot_on "$day" "content $((++i))"
  done
  run ops prune "$store" --keep-daily 2 --dry-run
  [ "$status" -eq 0 ]
  [ "$(kept)" = '1 2 3 4 5 6 7' ]
  ops prune "$store" --keep-daily 2 --keep-weekly 2 --keep-monthly 3
  [ "$(kept)" = '1 3 6 7' ]
  ops prune "$store" --keep-monthly 2
  [ "$(kept)" = '3 7' ]
  ops prune "$store" --keep 1
  [ "$(kept)" = 7 ]
  ops verify "$store"
}

@test "contents that no snapshot needs go; the others stay" {
  snapshot_on 2026-01-01 first
  snapshot_on 2026-01-02 second
  [ "$(find "$store/objects" -type f | wc -l)" -eq 2 ]
  ops prune "$store" --keep 1
  [ "$(find "$store/objects" -type f | wc -l)" -eq 1 ]
  ops verify "$store"
}

@test "--keep 0, no option and no number are refused; nothing goes" {
  snapshot_on 2026-01-01 first
  snapshot_on 2026-01-02 second
  run ops prune "$store" --keep 0
  [ "$status" -eq 77 ]
  run ops prune "$store"
  [ "$status" -eq 77 ]
  for bad in -1 '' x 1e9; do
    run ops prune "$store" --keep "$bad"
    [ "$status" -eq 2 ]
  done
  [ "$(kept)" = '1 2' ]
}

@test "never deletes the only good snapshot" {
  snapshot_on 2026-01-01 'good content'
  snapshot_on 2026-01-02 'bad content'
  sha=$(printf 'bad content' | sha256sum | cut -c 1-64)
  flip_two_bytes "$store/objects/$sha.zst" 9
  run ops prune "$store" --keep 1
  [ "$status" -eq 0 ]
  [[ $output == *"keeping 000001"* ]]
  [ "$(kept)" = '1 2' ]
  # Control: once the newest is good too, the older one goes.
  rm -f "$store/objects/$sha.zst"
  snapshot_on 2026-01-03 'fine content'
  ops prune "$store" --keep 1
  [ "$(kept)" = 3 ]
}

@test "no sound snapshot at all: nothing is removed" {
  snapshot_on 2026-01-01 one
  snapshot_on 2026-01-02 two
  for file in "$store"/objects/*; do flip_two_bytes "$file" 9; done
  run ops prune "$store" --keep 1
  [ "$status" -eq 1 ]
  [ "$(kept)" = '1 2' ]
  [ "$(find "$store/objects" -type f | wc -l)" -eq 2 ]
}

@test "a damaged manifest keeps every content, because it may need any of them" {
  snapshot_on 2026-01-01 one
  snapshot_on 2026-01-02 two
  snapshot_on 2026-01-03 three
  flip_two_bytes "$(find "$store/snapshots" -name '000002*')" 20
  run ops prune "$store" --keep 2
  [ "$status" -eq 1 ]
  [ "$(find "$store/objects" -type f | wc -l)" -eq 3 ]
}

@test "a store without a snapshot: 4" {
  snapshot_on 2026-01-01 one
  rm -f "$store"/snapshots/*
  run ops prune "$store" --keep 1
  [ "$status" -eq 4 ]
  [ "$(find "$store/objects" -type f | wc -l)" -eq 1 ]
}
