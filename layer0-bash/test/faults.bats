#!/usr/bin/env bats
# What may go wrong with a backup, and must leave the data whole.

setup() {
  load helper
  source_dir=$BATS_TEST_TMPDIR/source store=$BATS_TEST_TMPDIR/store target=$BATS_TEST_TMPDIR/target
}

# forge STORE PROGRAM: put the newest manifest's lines through awk, with a digest that fits again.
forge() {
  local file
  file=$(find "$1/snapshots" -name '*.zst' | sort | tail -n 1)
  zstd -dcq "$file" | sed '$d' | awk -F '\t' -v OFS='\t' "$2" >"$BATS_TEST_TMPDIR/forged"
  printf '#\tend\t%d\t%s\n' "$(grep -vc '^#' "$BATS_TEST_TMPDIR/forged")" \
    "$(sha256sum <"$BATS_TEST_TMPDIR/forged" | cut -c 1-64)" >>"$BATS_TEST_TMPDIR/forged"
  zstd -qf "$BATS_TEST_TMPDIR/forged" -o "$file"
}

# OPS_KILLS times, 20 by default; make -C layer0-bash kills says 100.
@test "kill -9 at any moment, many times: what is published verifies, and the next run succeeds unaided" {
  kills=${OPS_KILLS:-20} killed=0
  mkdir -p "$source_dir"
  for i in {1..60}; do head -c $((i * 500)) /dev/urandom >"$source_dir/f$i"; done
  # "At any moment" is from the start to the end of a run, however fast the machine is now: a run that ended
  # before its kill was not killed, does not count, and makes the next guess shorter.
  begin=${EPOCHREALTIME/./}
  ops backup "$source_dir" "$store" >/dev/null
  length=$((${EPOCHREALTIME/./} - begin))
  for ((i = 1; killed < kills && i <= 5 * kills; i++)); do
    head -c 20000 /dev/urandom >"$source_dir/f$((i % 60 + 1))"
    printf '%s' "$i" >"$source_dir/counter"
    # A process of its own group, so that its children can be killed too; every other time they are not.
    setsid ops backup "$source_dir" "$store" >/dev/null 2>&1 &
    pid=$!
    moment=$((RANDOM * length / 32768))
    sleep "$((moment / 1000000)).$(printf %06d $((moment % 1000000)))"
    victim=$pid
    ((i % 2)) || victim=-$pid
    if kill -9 -- "$victim" 2>/dev/null; then
      killed=$((killed + 1)) length=$((length * 17 / 16))
    else
      length=$((length * 3 / 4))
    fi
    wait "$pid" 2>/dev/null || true
    if ((i % 10 == 0)); then
      ops verify "$store"
      ops backup "$source_dir" "$store"
    fi
  done
  [ "$killed" -eq "$kills" ]
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  ops verify "$store"
  echo "killed while running: $killed of $((i - 1)) runs; $(find "$store/snapshots" -type f | wc -l) snapshots, all verified" >&3
  [ "$(find "$store/tmp" -mindepth 1 | wc -l)" -eq 0 ]
  ops restore "$store" latest "$target"
  diff -r "$source_dir" "$target"
}

@test "control: a snapshot published before its contents does not verify" {
  make_tree "$source_dir"
  mkdir -p "$BATS_TEST_TMPDIR/copy"
  cp -a "$BATS_TEST_DIRNAME/../lib" "$BATS_TEST_DIRNAME/../libexec" "$BATS_TEST_TMPDIR/copy/"
  # The same program, killed between manifest and objects, in the wrong order.
  sed -i 's/^  local objects=.*/&\n  mv -n -- "$work\/manifest.zst" "$1\/snapshots\/$2.zst"; kill -9 $BASHPID/' "$BATS_TEST_TMPDIR/copy/lib/publish.bash"
  run bash "$BATS_TEST_TMPDIR/copy/libexec/ops-backup" "$source_dir" "$store"
  [ "$status" -eq 137 ]
  run ops verify "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"is missing, needed for 000001_"* ]]
}

@test "kill -9 while the store is being made: the next run succeeds unaided; what is not ours is still refused" {
  make_tree "$source_dir"
  mkdir "$BATS_TEST_TMPDIR/bin"
  # The programs that make a store, each of which kills the run the first time.
  for program in mkdir cp sha256sum mv; do
    printf '#!/bin/sh\n[ -e "$0.done" ] || { : >"$0.done"; kill -9 "$VICTIM"; exit 1; }\nexec %s "$@"\n' "$(command -v "$program")" >"$BATS_TEST_TMPDIR/bin/$program"
    chmod +x "$BATS_TEST_TMPDIR/bin/$program"
    # shellcheck disable=SC2016 # for the child
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run bash -c 'VICTIM=$$ exec ops backup "$1" "$2"' kill "$source_dir" "$store"
    [ "$status" -eq 137 ]
    [ ! -e "$store/format" ]
    rm "$BATS_TEST_TMPDIR/bin/$program"
  done
  [ -d "$store/objects" ]
  ops backup "$source_dir" "$store"
  ops verify "$store"
  # Control: a store that has lost its format, but not its objects, is not made anew.
  rm "$store/format"
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 77 ]
}

@test "two first runs at once: one store, and both find it made" {
  make_tree "$source_dir"
  mkdir "$BATS_TEST_TMPDIR/bin"
  # The worst moment: the other run begins and ends just before this one would name the store's format.
  printf '#!/bin/sh\n[ -e "$0.done" ] || { : >"$0.done"; ops backup "$SOURCE" "$STORE" || exit; }\nexec %s "$@"\n' "$(command -v mv)" >"$BATS_TEST_TMPDIR/bin/mv"
  chmod +x "$BATS_TEST_TMPDIR/bin/mv"
  SOURCE=$source_dir STORE=$store PATH=$BATS_TEST_TMPDIR/bin:$PATH run ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
  [[ $output == *000001_*000002_* ]]
  ops verify "$store"
  # And made between this run's look and its making.
  bash -c 'set -e; source "$1/lib/common.bash"; LIB=$1/lib; source "$1/lib/store.bash"; create_store "$2"' test "$BATS_TEST_DIRNAME/.." "$store"
  ops verify "$store"
}

@test "full disk: refused, older snapshots verify, and it works again when there is space" {
  make_tree "$source_dir"
  mkdir "$store"
  mount -t tmpfs -o size=2m tmpfs "$store" 2>/dev/null || skip "mounting a small tmpfs is not permitted here. Next: sudo make test LAYER=0"
  ops backup "$source_dir" "$store"
  head -c 4000000 /dev/urandom >"$source_dir/big"
  run ops backup "$source_dir" "$store"
  full=$status message=$output
  run ops verify "$store"
  verified=$status
  run ops list "$store"
  listed=${#lines[@]}
  rm "$source_dir/big"
  run ops backup "$source_dir" "$store"
  again=$status
  umount "$store"
  [ "$full" -eq 1 ]
  [[ $message == *"no snapshot was made"* ]]
  [ "$verified" -eq 0 ]
  [ "$listed" -eq 1 ]
  [ "$again" -eq 0 ]
}

@test "two runs at once: the second exits 75; and a lock needs no unlocking" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  exec 7<"$store/writer.lock"
  flock -x 7
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 75 ]
  run ops prune "$store" --keep 1
  [ "$status" -eq 75 ]
  run ops verify "$store"
  [ "$status" -eq 0 ]
  exec 7<&-
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 0 ]
}

@test "prune waits for no reader: 75 while a restore reads, and readers get 75 while it prunes" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  exec 7<"$store/reader.lock"
  flock -s 7
  run ops prune "$store" --keep 1
  [ "$status" -eq 75 ]
  run ops list "$store"
  [ "$status" -eq 0 ]
  exec 7<&-
  exec 7<"$store/reader.lock"
  flock -x 7
  for command in list verify; do
    run ops "$command" "$store"
    [ "$status" -eq 75 ]
  done
  run ops restore "$store" latest "$target"
  [ "$status" -eq 75 ]
}

# A zstd that changes the source just before it reads it: the worst moment, every time.
meddling_zstd() {
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\ncase " $* " in *" -T1 --output-dir-flat "*) %s ;; esac\nexec %s "$@"\n' "$1" "$(command -v zstd)" >"$BATS_TEST_TMPDIR/bin/zstd"
  chmod +x "$BATS_TEST_TMPDIR/bin/zstd"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "a file changing while it is read: reported, exit 1, and the rest is right" {
  make_tree "$source_dir"
  printf 'a log\n' >"$source_dir/log"
  meddling_zstd "printf more >>'$source_dir/log'"
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"changed while it was read: log"* ]]
  [ "$(grep -c 'changed while' <<<"$output")" -eq 1 ]
  PATH=${PATH#*:}
  ops verify "$store"
  ops restore "$store" latest "$target"
  cmp "$source_dir/log" "$target/log"
  cmp "$source_dir/plain" "$target/plain"
  # The same size and inode are no reason to trust what was kept of it.
  run --separate-stderr ops backup "$source_dir" "$store"
  [[ $output == *" 1 read, "* ]]
}

@test "a file that vanishes while it is read: reported, left out, the snapshot is sound" {
  make_tree "$source_dir"
  meddling_zstd "rm -f '$source_dir/same content as plain'"
  run ops backup "$source_dir" "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"same content as plain"* ]]
  PATH=${PATH#*:}
  ops verify "$store"
}

@test "two bytes flipped anywhere in the store: verify names the file, 10 of 10" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  mapfile -d '' files < <(find "$store" -type f -size +0 -print0 | sort -z)
  cp -a "$store" "$BATS_TEST_TMPDIR/good"
  for i in {1..10}; do
    file=${files[i * ${#files[@]} / 11]}
    flip_two_bytes "$file" $(($(stat -c %s "$file") * i / 11))
    run ops verify "$store"
    [ "$status" -eq 1 ]
    [[ $output == *"$(basename "$file")"* ]]
    rm -rf "$store" && cp -a "$BATS_TEST_TMPDIR/good" "$store"
    ops verify "$store"
  done
}

@test "bytes flipped in each single file of the store are named" {
  mkdir "$source_dir" && printf 'content' >"$source_dir/file"
  ops backup "$source_dir" "$store"
  cp -a "$store" "$BATS_TEST_TMPDIR/good"
  while IFS= read -r -d '' file; do
    flip_two_bytes "$store/$file" "$(($(stat -c %s "$store/$file") - 3))"
    run ops verify "$store"
    [ "$status" -eq 1 ]
    [[ $output == *"$file"* ]]
    rm -rf "$store" && cp -a "$BATS_TEST_TMPDIR/good" "$store"
  done < <(cd "$store" && find . -type f -size +0 -printf '%P\0')
}

@test "a missing, swapped or foreign object is named, and restore writes nothing" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  mapfile -t objects < <(find "$store/objects" -type f | sort)
  cp "${objects[0]}" "$BATS_TEST_TMPDIR/kept"
  cp -f "${objects[1]}" "${objects[0]}"
  run ops verify "$store"
  [ "$status" -eq 1 ]
  [[ $output == *"$(basename "${objects[0]}")"* ]]
  run ops restore "$store" latest "$target"
  [ "$status" -eq 1 ]
  [ ! -e "$target" ]
  rm -f "${objects[0]}"
  run ops verify "$store" --quick
  [ "$status" -eq 1 ]
  [[ $output == *"$(basename "${objects[0]}") is missing"* ]]
  run ops restore "$store" latest "$target"
  [ "$status" -eq 1 ]
  [ ! -e "$target" ]
  mv "$BATS_TEST_TMPDIR/kept" "${objects[0]}"
  touch "$store/objects/stranger"
  run ops verify "$store"
  [ "$status" -eq 1 ]
  [[ $output == *stranger* ]]
}

@test "a new snapshot heals a missing object while the source still has the content" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  rm -f "$(find "$store/objects" -type f | head -n 1)"
  touch "$source_dir"/* 2>/dev/null
  find "$source_dir" -type f -exec touch {} +
  ops backup "$source_dir" "$store"
  ops verify "$store"
}

@test "a manifest cut short is refused" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  file=$(find "$store/snapshots" -name '*.zst')
  zstd -dcq "$file" | head -n 12 >"$BATS_TEST_TMPDIR/cut"
  cp "$file" "$BATS_TEST_TMPDIR/kept"
  zstd -qf "$BATS_TEST_TMPDIR/cut" -o "$file"
  run ops restore "$store" latest "$target"
  [ "$status" -eq 1 ]
  [ ! -e "$target" ]
  [[ $output == *"$file"* ]]
  head -c 100 "$BATS_TEST_TMPDIR/kept" >"$BATS_TEST_TMPDIR/cut" && mv -f "$BATS_TEST_TMPDIR/cut" "$file"
  run ops restore "$store" latest "$target"
  [ "$status" -eq 1 ]
  [ ! -e "$target" ]
  run ops list "$store"
  [ "$status" -eq 1 ]
  run ops verify "$store"
  [ "$status" -eq 1 ]
}

@test "a manifest with a good digest that leads outside is refused, and nothing is written" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  cp -a "$store" "$BATS_TEST_TMPDIR/good"
  for malice in \
    '$11 == "-rf" { $11 = "../../etc/x" } { print }' \
    '$11 == "-rf" { $11 = "/etc/x" } { print }' \
    '$11 == "-rf" { $11 = "deep/../../x" } { print }' \
    '$11 == "-rf" { $11 = "deep/./x" } { print }' \
    '$11 == "deep/er" { $1 = "l"; $12 = "/tmp" } { print }' \
    '$11 == "-rf" { $1 = "h"; $12 = "../../etc/passwd" } { print }' \
    '$11 == "-rf" { $10 = "../../../etc/passwd" } { print }' \
    '$11 == "-rf" { $2 = "4755 x" } { print }' \
    '$11 == "-rf" { print } { print }' \
    '$11 == "deep" { next } { print }'; do
    rm -rf "$store" && cp -a "$BATS_TEST_TMPDIR/good" "$store"
    forge "$store" "$malice"
    run ops restore "$store" latest "$target"
    [ "$status" -eq 1 ]
    [[ $output == *"damaged: "*" line "* ]]
    [ ! -e "$target" ]
    [ ! -e /etc/x ]
    [ -z "$(find "$BATS_TEST_TMPDIR" -name "target*" -o -name x)" ]
    run ops verify "$store"
    [ "$status" -eq 1 ]
  done
}

@test "control: a forged manifest without malice restores, so the refusals above are for the malice" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  forge "$store" '$11 == "-rf" { $11 = "renamed" } { print }'
  ops restore "$store" latest "$target"
  [ "$(cat "$target/renamed")" = three ]
}

@test "the clock set back a year: order, comparison and latest are right" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  # Only the id reads the clock, by date.
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\nexec %s -d "1 year ago" "$@"\n' "$(command -v date)" >"$BATS_TEST_TMPDIR/bin/date"
  chmod +x "$BATS_TEST_TMPDIR/bin/date"
  printf 'later\n' >"$source_dir/-rf"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH ops backup "$source_dir" "$store"
  run ops list "$store"
  [[ ${lines[1]} == 000002_$(date -u -d '1 year ago' +%Y)* ]]
  ops restore "$store" latest "$target"
  [ "$(cat "$target/-rf")" = later ]
  ops prune "$store" --keep-daily 1
  run ops list "$store"
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == 000002_* ]]
}

@test "a signal: 128 and its number, no snapshot, nothing left behind, earlier ones stand" {
  make_tree "$source_dir"
  ops backup "$source_dir" "$store"
  meddling_zstd 'touch "$MARK"; sleep 1'
  export MARK=$BATS_TEST_TMPDIR/mark
  for signal in INT:130 TERM:143 HUP:129; do
    printf '%s' "$signal" >"$source_dir/plain" && rm -f "$MARK"
    # A job in the background ignores INT, and below nohup HUP too, unless it is told otherwise.
    env --default-signal=INT,HUP "$(command -v ops)" backup "$source_dir" "$store" >"$BATS_TEST_TMPDIR/talk" 2>&1 3>&- &
    pid=$!
    until [[ -e $MARK ]]; do sleep 0.02; done
    kill -s "${signal%:*}" "$pid"
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq "${signal#*:}" ]
    grep -q 'no snapshot was made' "$BATS_TEST_TMPDIR/talk"
    [ "$(find "$store/tmp" -mindepth 1 | wc -l)" -eq 0 ]
  done
  [ "$(ops list "$store" | wc -l)" -eq 1 ]
  ops verify "$store"
}
