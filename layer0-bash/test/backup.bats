#!/usr/bin/env bats
# ops backup on real files.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store
  make_tree "$source_dir"
}

@test "makes a store on the first run, and a snapshot on each" {
  run --separate-stderr ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  [[ $output == 000001_*"read, "* ]]
  run --separate-stderr ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  [[ $output == 000002_*" 0 read, 0 new" ]]
  [ "$(ops list "$store" | wc -l)" -eq 2 ]
}

@test "a FIFO is reported, its content not kept" {
  run --separate-stderr ops backup "$source_dir" "$store"
  [[ $stderr == *"content not kept: FIFO fifo"* ]]
}

@test "the same content is stored once, and the store holds nothing that others could read" {
  ops backup "$source_dir" "$store"
  [ "$(find "$store/objects" -type f | wc -l)" -eq "$(find "$source_dir" -type f -exec sha256sum -z -- {} + | tr '\n' ' ' | tr '\0' '\n' | cut -c 1-64 | sort -u | wc -l)" ]
  [ -z "$(find "$store" -perm /077)" ]
}

@test "only what changed is read again" {
  ops backup "$source_dir" "$store"
  printf 'new\n' >>"$source_dir/a b/ name with spaces "
  printf 'new too\n' >"$source_dir/added"
  run --separate-stderr ops backup "$source_dir" "$store"
  [[ $output == *" 2 read, 2 new" ]]
}

@test "unchanged files are not opened" {
  command -v strace >/dev/null || skip "strace is missing. Next: sudo apt-get install strace"
  ops backup "$source_dir" "$store"
  run strace -f -qq -e trace=openat -o "$BATS_TEST_TMPDIR/trace" ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  run grep -c '"\(.*/\)\?random"' "$BATS_TEST_TMPDIR/trace"
  [ "$output" -eq 0 ]
  # Negative control: the same search finds the file when it did change.
  touch "$source_dir/deep/er/random"
  strace -f -qq -e trace=openat -o "$BATS_TEST_TMPDIR/trace" ops backup "$source_dir" "$store"
  grep -q '"\(.*/\)\?random"' "$BATS_TEST_TMPDIR/trace"
}

@test "a change that leaves size and mtime alone is seen by its ctime" {
  ops backup "$source_dir" "$store"
  touch -r "$source_dir/plain" "$BATS_TEST_TMPDIR/then"
  printf 'ONE\n' >"$source_dir/plain"
  touch -r "$BATS_TEST_TMPDIR/then" "$source_dir/plain"
  ops backup "$source_dir" "$store"
  ops restore "$store" latest "$BATS_TEST_TMPDIR/out"
  [ "$(cat "$BATS_TEST_TMPDIR/out/plain")" = ONE ]
}

@test "an object can be read with zstd and sha256sum alone" {
  ops backup "$source_dir" "$store"
  sha=$(zstd -dcq "$store"/snapshots/*.zst | awk -F '\t' '$11 == "-rf" { print $10 }')
  [ "$(zstd -dcq "$store/objects/$sha.zst")" = three ]
  [ "$(zstd -dcq "$store/objects/$sha.zst" | sha256sum)" = "$sha  -" ]
}

@test "several sources share a store, each compared with its own past" {
  mkdir "$BATS_TEST_TMPDIR/other" && printf 'x' >"$BATS_TEST_TMPDIR/other/x"
  ops backup "$source_dir" "$store"
  ops backup "$BATS_TEST_TMPDIR/other" "$store"
  run --separate-stderr ops backup "$source_dir" "$store"
  [[ $output == 000003_*" 0 read, 0 new" ]]
}

@test "another file system below the source is named, not entered" {
  mkdir "$source_dir/mounted"
  mount -t tmpfs tmpfs "$source_dir/mounted" 2>/dev/null || skip "mounting is not permitted here. Next: sudo make test LAYER=0"
  touch "$source_dir/mounted/inside"
  run --separate-stderr ops backup "$source_dir" "$store"
  umount "$source_dir/mounted"
  [[ $stderr == *"not entered: mounted"* ]]
  run ops list "$store" latest
  [[ $output != *mounted/inside* ]]
}

@test "what cannot be read is named, and the rest is kept" {
  as=()
  if ((EUID == 0)); then
    # Root reads everything, so run as nobody, below a directory that nobody may enter.
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    outside=$(mktemp -d /tmp/ops-test.XXXXXX) && mv "$source_dir" "$outside/source"
    source_dir=$outside/source store=$outside/store
    chown -R 65534:65534 "$outside"
    "${as[@]}" test -r "$(command -v ops)" || skip "another user cannot read this checkout. Next: clone it below /tmp, then make test LAYER=0"
  fi
  chmod 000 "$source_dir/-rf"
  TMPDIR=/tmp run "${as[@]}" ops backup "$source_dir" "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"unreadable: -rf"* ]]
  # One line for it, and not those of openssl and cp.
  [ "$(grep -c -- '-rf' <<<"$output")" -eq 1 ]
  [[ $output != *error:* ]]
  TMPDIR=/tmp run "${as[@]}" ops verify "$store"
  [ "$status" -eq 0 ]
  run ops list "$store" latest
  [[ $output == *"name with spaces"* && $output != *"-rf"* ]]
  rm -rf "${outside:-}"
}

@test "a place that may not be read or written: one message that says so, and 1" {
  as=()
  if ((EUID == 0)); then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
  "${as[@]}" test -r "$(command -v ops)" || skip "another user cannot read this checkout. Next: clone it below /tmp, then make test LAYER=0"
  outside=$(mktemp -d /tmp/ops-test.XXXXXX) && chmod 755 "$outside"
  mkdir "$outside/source" "$outside/closed" && printf 'x\n' >"$outside/source/file"
  ops backup "$outside/source" "$outside/store"
  cp -a "$outside/store" "$outside/open" && chmod -R a+rX "$outside/open" "$outside/source"
  chmod 555 "$outside/closed" "$outside/open/tmp" && chmod 000 "$outside/store"
  failed=''
  for words in 'backup source closed/new' 'backup source open' 'prune open --keep 1' 'verify store' 'list store' \
    'restore store latest closed/new' 'restore open latest closed/new' 'system snapshot closed/new'; do
    # shellcheck disable=SC2016,SC2086 # for the child; words
    run env TMPDIR=/tmp "${as[@]}" bash -c 'cd "$0" && exec ops "$@"' "$outside" $words
    [[ $status -eq 1 && ${#lines[@]} -eq 1 && $output == "ops ${words%% *}: "*" Next: "* ]] || failed+="$words: $status: $output; "
  done
  chmod -R u+rwX "$outside" && rm -rf "$outside"
  echo "$failed"
  [ -z "$failed" ]
}

@test "source unset, / or missing, and a store within, are refused" {
  run ops backup "" "$store"
  [ "$status" -eq 2 ]
  run ops backup "$source_dir" ""
  [ "$status" -eq 2 ]
  run ops backup "$source_dir"
  [ "$status" -eq 2 ]
  for bad in / /proc/.. "$BATS_TEST_TMPDIR/missing"; do
    run ops backup "$bad" "$store"
    [ "$status" -eq 77 ]
  done
  run ops backup "$source_dir" "$source_dir/store"
  [ "$status" -eq 77 ]
  run ops backup "$source_dir" "$BATS_TEST_TMPDIR"
  [ "$status" -eq 77 ]
  [ ! -e "$store" ]
  [ ! -e "$source_dir/store" ]
}

@test "a directory that holds something else is not turned into a store" {
  mkdir "$store" && touch "$store/mine"
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 77 ]
  [ "$(ls "$store")" = mine ]
}

@test "without zstd: exit 69 with the command that installs it" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  for program in bash sed dirname realpath; do ln -s "$(command -v "$program")" "$BATS_TEST_TMPDIR/bin/"; done
  PATH=$BATS_TEST_TMPDIR/bin run "$(command -v ops)" backup "$source_dir" "$store"
  [ "$status" -eq 69 ]
  [[ $output == *"apt-get install zstd"* ]]
}

# in_terminal COMMAND...: run it in a pseudo-terminal and print all that the terminal got.
in_terminal() {
  command -v script >/dev/null || skip "script is missing. Next: sudo apt-get install bsdutils"
  script -qfec "$(printf '%q ' "$@")" /dev/null </dev/null
}

@test "progress shows on a terminal, with figures, and nowhere else" {
  # A zstd that takes its time, as a large source does.
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\ncase $1 in -q) sleep 1 ;; esac\nexec %s "$@"\n' "$(command -v zstd)" >"$BATS_TEST_TMPDIR/bin/zstd"
  chmod +x "$BATS_TEST_TMPDIR/bin/zstd"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
  run in_terminal ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  [[ $output == *"reading the tree"*"compressing: content "[0-9]*" of "[0-9]*"flushing to disk"* ]]
  run in_terminal ops restore "$store" latest "$BATS_TEST_TMPDIR/out"
  [ "$status" -eq 0 ]
  diff -r --no-dereference "$source_dir/deep" "$BATS_TEST_TMPDIR/out/deep"
  run ops backup "$source_dir" "$BATS_TEST_TMPDIR/other"
  [[ $output != *reading* && $output != *compressing* && $output != *$'\r'* ]]
}
