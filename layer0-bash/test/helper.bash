#!/usr/bin/env bash
# What several tests need. Loaded by bats.

bats_require_minimum_version 1.5.0
PATH=$(realpath "$BATS_TEST_DIRNAME/../bin"):$PATH

# A tree with one of each: odd names, links, holes, modes, times, attributes, nothing, no file.
make_tree() {
  mkdir -p "$1/empty" "$1/a b" "$1/"$'new\nline' "$1/back\\slash\\011" "$1/deep/er"
  printf 'one\n' >"$1/plain"
  printf 'two\n' >"$1/a b/ name with spaces "
  printf 'three' >"$1/-rf"
  printf 'four' >"$1/"$'new\nline/tab\there'
  printf 'five' >"$1/back\\slash\\011/"$'end\n'
  printf 'six' >"$1/"$'not utf-8 \xff\xfe'
  printf 'x%.0s' {1..100} >"$1/$(printf 'n%.0s' {1..255})"
  : >"$1/nothing"
  printf 'one\n' >"$1/same content as plain"
  ln "$1/plain" "$1/deep/second name"
  ln -s '../plain' "$1/deep/link"
  ln -s '/nowhere at all' "$1/dangling"
  ln -s $'odd\nlink\ttarget' "$1/odd link"
  truncate -s 5M "$1/sparse" && printf end >>"$1/sparse"
  head -c 300000 /dev/urandom >"$1/deep/er/random"
  chmod 4755 "$1/plain" && chmod 600 "$1/nothing" && chmod 1777 "$1/empty" && chmod 2750 "$1/deep/er"
  mkfifo "$1/fifo"
  touch -d '2001-02-03 04:05:06.789012345' "$1/nothing" "$1/empty"
  touch -h -d '2002-02-03 04:05:06.5' "$1/dangling"
  touch -d '1965-01-01 00:00:00.25' "$1/-rf"
  if command -v setfattr >/dev/null; then setfattr -n user.ops -v $'a\nb' "$1/plain" "$1/a b" 2>/dev/null || true; fi
}

# Everything that a restore must bring back, one line an entry.
facts() {
  (
    cd "$1" || exit 1
    find . ! -type p ! -type s -printf '%y %m %U %G %T@ %n %P -> %l\0' | sort -z
    find . -type f -printf '%s %P\0' | sort -z
    find . -type f -print0 | sort -z | xargs -0 sha256sum -z --
    if command -v getfattr >/dev/null; then find . -print0 | sort -z | xargs -0 getfattr -h -d -e hex -- 2>/dev/null || true; fi
  ) | tr '\0' '\n'
}

# flip_two_bytes FILE OFFSET: another value in two bytes.
flip_two_bytes() {
  local byte
  chmod u+w "$1"
  for byte in "$2" "$(($2 + 1))"; do
    printf '%b' "\\x$(printf %02x "$((0x$(hex_byte "$1" "$byte") ^ 0x5a))")" \
      | dd of="$1" bs=1 seek="$byte" conv=notrunc status=none
  done
}
hex_byte() { od -An -tx1 -j "$2" -N 1 "$1" | tr -d ' \n'; }

# snapshot_on DATE CONTENT: a snapshot of one file in $store, whose id says DATE.
# shellcheck disable=SC2154 # the test's
snapshot_on() {
  printf '%s' "$2" >"$source_dir/file"
  ops backup "$source_dir" "$store" >/dev/null
  local id new
  id=$(ops list "$store" | tail -n 1 | cut -f 1)
  new=${id%%_*}_$(date -u -d "$1" +%Y%m%dT%H%M%SZ)
  zstd -dcq "$store/snapshots/$id.zst" | sed '$d' | sed "s/$id/$new/" >"$BATS_TEST_TMPDIR/m"
  printf '#\tend\t%d\t%s\n' "$(grep -vc '^#' "$BATS_TEST_TMPDIR/m")" "$(sha256sum <"$BATS_TEST_TMPDIR/m" | cut -c 1-64)" >>"$BATS_TEST_TMPDIR/m"
  zstd -qf "$BATS_TEST_TMPDIR/m" -o "$store/snapshots/$new.zst"
  rm -f "$store/snapshots/$id.zst"
}
