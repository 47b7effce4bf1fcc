#!/usr/bin/env bats
# ops verify on real stores; what damage it finds is in faults.bats.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store
  mkdir "$source_dir"
}

@test "verify: exit codes, and --quick reads no content" {
  snapshot_on 2026-01-01 one
  run ops verify "$store" "$store"
  [ "$status" -eq 2 ]
  run ops verify
  [ "$status" -eq 2 ]
  run ops verify "$source_dir"
  [ "$status" -eq 1 ]
  flip_two_bytes "$(find "$store/objects" -type f)" 9
  run ops verify "$store" --quick
  [ "$status" -eq 0 ]
  run ops verify "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"needed for 000001_"*": file"* ]]
}
