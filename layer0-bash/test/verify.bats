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

@test "a store without its objects or its snapshots is damaged, whoever asks" {
  snapshot_on 2026-01-01 one
  for folder in objects snapshots; do
    mv "$store/$folder" "$BATS_TEST_TMPDIR/away"
    for command in "verify $store" "list $store" "restore $store latest $BATS_TEST_TMPDIR/new" "backup $source_dir $store"; do
      # shellcheck disable=SC2086 # words of a command
      run ops $command
      [ "$status" -eq 1 ]
      [[ $output == "ops ${command%% *}: damaged: $store/$folder is missing. Next: "* ]]
    done
    mv "$BATS_TEST_TMPDIR/away" "$store/$folder"
  done
  ops verify "$store"
}

# without PROGRAM: leave it out of PATH.
without() {
  local directory
  mkdir "$BATS_TEST_TMPDIR/bin"
  for directory in /usr/local/bin /usr/bin /bin; do ln -sn "$directory"/* "$BATS_TEST_TMPDIR/bin/" 2>/dev/null || true; done
  rm -f "$BATS_TEST_TMPDIR/bin/$1"
  PATH=${PATH%%:*}:$BATS_TEST_TMPDIR/bin
  run ! command -v "$1"
}

# whole_then_damaged FILE...: contents of many sizes verify; each kind of damage is named, and nothing else is.
whole_then_damaged() {
  for i in {0..40}; do head -c $((i * i * 30)) /dev/zero | tr '\0' "\\$((101 + i % 7))" >"$source_dir/$i"; done
  head -c 3000000 /dev/urandom >"$source_dir/large"
  ops backup "$source_dir" "$store"
  ops verify "$store"
  cp -a "$store" "$BATS_TEST_TMPDIR/good"
  for damage in 'printf more | zstd -qc >>"$object"' 'zstd -q -f "$BATS_TEST_DIRNAME/helper.bash" -o "$object"' 'zstd -qc </dev/null >"$object"' \
    'flip_two_bytes "$object" 7' 'truncate -s -3 "$object"'; do
    for file; do
      sha=$(sha256sum <"$source_dir/$file") && sha=${sha%% *}
      object=$store/objects/$sha.zst
      chmod u+w "$object"
      # An empty content instead of an empty content is no damage.
      [[ $file != 0 || $damage != *null* ]] || continue
      eval "$damage"
      run ops verify "$store"
      [ "$status" -eq 1 ]
      [ "$(grep -c 'damaged: .*objects/' <<<"$output")" -eq 1 ]
      [[ $output == *"$sha.zst, needed for 000001_"* ]]
      rm -rf "$store" && cp -a "$BATS_TEST_TMPDIR/good" "$store"
    done
  done
}

@test "each damaged content is named, and no other" { whole_then_damaged 0 20 large; }

@test "the same without python3, by files" {
  without python3
  whole_then_damaged 40
}

@test "control: what a stream of contents must not be: another order, too long, too short, none" {
  command -v python3 >/dev/null || skip "python3 is missing. Next: sudo apt-get install python3"
  hash_stream() { python3 -I -S "$BATS_TEST_DIRNAME/../lib/hash-stream.py" "$BATS_TEST_TMPDIR/list"; }
  for text in one '' three; do printf '%s.zst %d\n' "$(printf '%s' "$text" | sha256sum | cut -c 1-64)" "${#text}"; done >"$BATS_TEST_TMPDIR/list"
  printf onethree | hash_stream
  for wrong in threeone onethreex onethre onextree ''; do
    ! printf '%s' "$wrong" | hash_stream || false
  done
}
