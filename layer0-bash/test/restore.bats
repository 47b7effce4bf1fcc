#!/usr/bin/env bats
# ops restore on real files.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store target=$BATS_TEST_TMPDIR/target
  make_tree "$source_dir"
  ops backup "$source_dir" "$store" >/dev/null
}

@test "brings back content, names, links, modes, owners, times, attributes" {
  ((EUID)) || chown -h 1234:5678 "$source_dir/-rf" "$source_dir/dangling"
  ops backup "$source_dir" "$store"
  run ops restore "$store" latest "$target"
  [ "$status" -eq 0 ]
  diff <(facts "$source_dir") <(facts "$target")
}

@test "control: the comparison sees one wrong mode, time, byte, link or attribute" {
  ops restore "$store" latest "$target"
  diff -q <(facts "$source_dir") <(facts "$target")
  for change in 'chmod 711 plain' 'touch -d 2020-01-01 -- -rf' 'truncate -s 2 nothing' 'rm dangling' 'setfattr -x user.ops plain'; do
    rm -rf "$target" && ops restore "$store" latest "$target"
    (cd "$target" && $change)
    run ! diff -q <(facts "$source_dir") <(facts "$target")
  done
}

@test "hard links are one file again, and equal contents are two" {
  ops restore "$store" latest "$target"
  [ "$target/plain" -ef "$target/deep/second name" ]
  [ ! "$target/plain" -ef "$target/same content as plain" ]
}

@test "holes stay holes" {
  ops restore "$store" latest "$target"
  [ "$(stat -c %s "$target/sparse")" -eq 5242883 ]
  [ "$(($(stat -c '%b * %B' "$target/sparse")))" -lt 1000000 ]
}

@test "one path, with the directories above it" {
  ops restore "$store" latest "$target" --path 'deep/er/random'
  cmp "$source_dir/deep/er/random" "$target/deep/er/random"
  [ "$(find "$target" -type f | wc -l)" -eq 1 ]
  [ "$(stat -c %a "$target/deep/er")" = 2750 ]
}

@test "one path with an odd name" {
  for path in $'new\nline' 'back\slash\011' '-rf' 'a b'; do
    rm -rf "$target"
    ops restore "$store" latest "$target" --path "$path"
    diff -r -- "$source_dir/$path" "$target/$path"
  done
}

@test "the second name of a file, without the first, is restored as a file" {
  name=$(zstd -dcq "$store"/snapshots/*1_*.zst | awk -F '\t' '$1 == "h" { print $11 }')
  ops restore "$store" latest "$target" --path "$name"
  cmp "$source_dir/$name" "$target/$name"
}

@test "an older snapshot, by the beginning of its id" {
  printf 'changed\n' >"$source_dir/plain"
  ops backup "$source_dir" "$store"
  ops restore "$store" 000001 "$target"
  [ "$(cat "$target/plain")" = one ]
}

@test "never over existing files unless told to; new ones beside them are fine" {
  mkdir "$target" && printf 'mine' >"$target/plain" && chmod 711 "$target"
  run ops restore "$store" latest "$target"
  [ "$status" -eq 77 ]
  [[ $output == *"$target/plain"* ]]
  [ "$(find "$target" | wc -l)" -eq 2 ]
  run ops restore "$store" latest "$target" --path 'a b'
  [ "$status" -eq 0 ]
  [ "$(cat "$target/plain")" = mine ]
  [ -d "$target/a b" ]
  [ "$(stat -c %a "$target")" = 711 ]
  run ops restore "$store" latest "$target" --overwrite
  [ "$status" -eq 0 ]
  diff <(facts "$source_dir") <(facts "$target")
}

@test "an existing link in the target does not lead the restore elsewhere" {
  mkdir "$target" "$BATS_TEST_TMPDIR/elsewhere"
  ln -s ../elsewhere "$target/deep"
  run ops restore "$store" latest "$target" --overwrite
  [ -z "$(ls -A "$BATS_TEST_TMPDIR/elsewhere")" ]
}

@test "a relative target, from any directory" {
  cd "$BATS_TEST_TMPDIR"
  ops restore store latest target
  diff <(facts source) <(facts target)
}

@test "no such snapshot, path or store; wrong arguments" {
  run ops restore "$store" 000009 "$target"
  [ "$status" -eq 4 ]
  run ops restore "$store" latest "$target" --path nowhere
  [ "$status" -eq 4 ]
  run ops restore "$BATS_TEST_TMPDIR" latest "$target"
  [ "$status" -eq 1 ]
  run ops restore "$store" latest ""
  [ "$status" -eq 2 ]
  run ops restore "$store" latest
  [ "$status" -eq 2 ]
  [ ! -e "$target" ]
}

@test "a TARGET that is a file, or lies in the store, and a SNAPSHOT that is empty: refused, nothing is written" {
  printf 'mine' >"$BATS_TEST_TMPDIR/file" && ln -s /nowhere "$BATS_TEST_TMPDIR/dangling"
  ln -s "$store" "$BATS_TEST_TMPDIR/alias"
  for bad in "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/dangling" "$store" "$store/new" "$store/objects/deep/new" "$BATS_TEST_TMPDIR/alias/new"; do
    run ops restore "$store" latest "$bad" --overwrite
    [ "$status" -eq 77 ]
    [ "${#lines[@]}" -eq 1 ]
  done
  run ops restore "$store" '' "$target"
  [ "$status" -eq 2 ]
  run ops list "$store" ''
  [ "$status" -eq 2 ]
  [ "$(cat "$BATS_TEST_TMPDIR/file")" = mine ]
  [ ! -e "$target" ]
  [ -z "$(find "$BATS_TEST_TMPDIR" -name '*.partial.*')" ]
  ops verify "$store"
  # Control: beside the store, with a name that begins alike, it is a restore.
  ops restore "$store" latest "$store.restored"
}

@test "leaves nothing in the scratch directory" {
  mkdir "$BATS_TEST_TMPDIR/scratch"
  TMPDIR=$BATS_TEST_TMPDIR/scratch ops restore "$store" latest "$target"
  [ -z "$(ls -A "$BATS_TEST_TMPDIR/scratch")" ]
}

@test "what is written is checked too: wrong bytes from a good store are no restore" {
  # A zstd that spoils what restore writes; the store itself is whole, as its check then finds.
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\ncase $1 in -dcfq) %s "$@" | sed "s/three/THREE/" ;; *) exec %s "$@" ;; esac\n' \
    "$(command -v zstd)" "$(command -v zstd)" >"$BATS_TEST_TMPDIR/bin/zstd"
  chmod +x "$BATS_TEST_TMPDIR/bin/zstd"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run ops restore "$store" latest "$target"
  [ "$status" -eq 1 ]
  [[ $output == *"not what the store holds"* ]]
  [ -z "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'target*')" ]
  run ops restore "$store" latest "$target"
  [ "$status" -eq 0 ]
}

@test "a file that its owner may not read is restored all the same" {
  ((EUID == 0)) || skip "only root can back up such a file and become somebody else. Next: sudo make test LAYER=0"
  outside=$(mktemp -d /tmp/ops-test.XXXXXX)
  chmod 000 "$source_dir/-rf"
  ops backup "$source_dir" "$outside/store"
  chown -R 65534:65534 "$outside"
  TMPDIR=/tmp run setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v ops)" restore "$outside/store" latest "$outside/target" --path -rf
  mode=$(stat -c %a "$outside/target/-rf")
  rm -rf "$outside"
  [ "$status" -eq 0 ]
  [ "$mode" = 0 ]
}

@test "without openssl the digests are the same" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  for directory in /usr/local/bin /usr/bin /bin; do ln -sn "$directory"/* "$BATS_TEST_TMPDIR/bin/" 2>/dev/null || true; done
  rm -f "$BATS_TEST_TMPDIR/bin/openssl"
  export PATH=${PATH%%:*}:$BATS_TEST_TMPDIR/bin
  run ! command -v openssl
  ops backup "$source_dir" "$BATS_TEST_TMPDIR/other"
  diff <(ls "$store/objects") <(ls "$BATS_TEST_TMPDIR/other/objects")
  ops verify "$store"
  flip_two_bytes "$(find "$store/objects" -type f -print -quit)" 6
  run ops verify "$store"
  [ "$status" -eq 1 ]
}
