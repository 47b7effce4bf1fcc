#!/usr/bin/env bats
# ops list on real stores.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store
  mkdir "$source_dir"
}

@test "list: snapshots, entries, and exit codes" {
  snapshot_on 2026-01-01 one
  run ops list "$store"
  [[ $output == 000001_*$'\t'2$'\t'3$'\t'"$source_dir" ]]
  run ops list "$store" latest
  [[ ${lines[1]} == f$'\t'* && ${lines[1]} == *file ]]
  run ops list "$store" 7
  [ "$status" -eq 4 ]
  run ops list
  [ "$status" -eq 2 ]
}
