#!/usr/bin/env bats
# Real files in a throw-away root; dates are set, never waited for.

bats_require_minimum_version 1.5.0

setup() {
  root=$BATS_TEST_TMPDIR/logs
  mkdir -p "$root/deep"
  touch -d '10 days ago' "$root/old" "$root/deep/a name with spaces" "$root/deep/-rf" "$root/deep/"$'new\nline'
  touch -d '1 hour ago' "$root/new"
  export OPS_ALLOWED_ROOT=$BATS_TEST_TMPDIR
  PATH=$BATS_TEST_DIRNAME/../libexec:$PATH
}

@test "says what would go, and removes nothing" {
  run --separate-stderr ops-cleanup "$root" --older-than 7
  [ "$status" -eq 0 ]
  [[ $output == *"would remove $root/old"* && $output != *"$root/new"* ]]
  [ -e "$root/old" ]
}

@test "removes the old ones, whatever their names, and spares the new one" {
  run ops-cleanup "$root" --older-than 7 --apply
  [ "$status" -eq 0 ]
  [ "$(find "$root" -type f -printf '%f\n')" = new ]
}

@test "spares the newest N of the old" {
  touch -d '8 days ago' "$root/youngest"
  run ops-cleanup "$root" --older-than 7 --keep-newest 1 --apply
  [ "$status" -eq 0 ]
  [ -e "$root/youngest" ]
  [ ! -e "$root/old" ]
}

@test "refuses the root, the home, a mount point, a missing directory and what lies elsewhere" {
  ln -s /usr "$root/elsewhere"
  for unsafe in / "$HOME" /etc /proc "$root/missing" "$root/elsewhere" "$OPS_ALLOWED_ROOT"; do
    # Without --apply: the refusal is the same, and a broken one must not cost anybody's files.
    run ops-cleanup "$unsafe" --older-than 7
    [ "$status" -eq 77 ]
  done
  [ -e "$root/old" ]
}

@test "follows a link to a directory inside the allowed root" {
  ln -s logs "$BATS_TEST_TMPDIR/link"
  run ops-cleanup "$BATS_TEST_TMPDIR/link" --older-than 7 --apply
  [ "$status" -eq 0 ]
  [ ! -e "$root/old" ]
}

@test "an empty variable is a usage error, not the current directory" {
  run ops-cleanup "" --older-than 7 --apply
  [ "$status" -eq 2 ]
  run ops-cleanup "$root" --older-than '' --apply
  [ "$status" -eq 2 ]
  run ops-cleanup "$root" --older-than
  [ "$status" -eq 2 ]
  [ -e "$root/old" ]
}

@test "a file that cannot be removed is named and fails the run" {
  chattr +i "$root/old" 2>/dev/null || skip "nothing can be made immutable here, which takes root and ext4 or the like. Next: sudo make test LAYER=0"
  run ops-cleanup "$root" --older-than 7 --apply
  chattr -i "$root/old"
  [ "$status" -eq 1 ]
  [[ $output == *"$root/old"* ]]
}

@test "refuses its own home directory even below the allowed root" {
  HOME=$root run ops-cleanup "$root" --older-than 7 --apply
  [ "$status" -eq 77 ]
  [ -e "$root/old" ]
}

@test "refuses a directory that holds the home directory" {
  HOME=$root/deep run ops-cleanup "$root" --older-than 7 --apply
  [ "$status" -eq 77 ]
  [ -e "$root/old" ]
}

@test "--larger-than spares small files" {
  head -c 3000 /dev/zero >"$root/big" && touch -d '10 days ago' "$root/big"
  run ops-cleanup "$root" --older-than 7 --larger-than 2k --apply
  [ "$status" -eq 0 ]
  [ ! -e "$root/big" ]
  [ -e "$root/old" ]
  for bad in huge -5 ''; do
    run ops-cleanup "$root" --older-than 7 --larger-than "$bad"
    [ "$status" -eq 2 ]
  done
}

@test "more than --max-count is refused, and nothing goes" {
  run ops-cleanup "$root" --older-than 7 --max-count 3 --apply
  [ "$status" -eq 77 ]
  [ -e "$root/old" ]
  run ops-cleanup "$root" --older-than 7 --max-count 04 --keep-newest 00 --apply
  [ "$status" -eq 0 ]
  [ ! -e "$root/old" ]
}

@test "figures are decimal: 010 is ten, and 08 is eight" {
  touch -d '10 days ago' "$root"/{1..5}
  run ops-cleanup "$root" --older-than 07 --max-count 08
  [ "$status" -eq 77 ]
  [ "${#lines[@]}" -eq 1 ]
  run ops-cleanup "$root" --older-than 07 --max-count 010 --keep-newest 08 --apply
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 1 ]
}

@test "the dry run and the real run name the same files" {
  run --separate-stderr ops-cleanup "$root" --older-than 7
  planned=${output//would remove /}
  run --separate-stderr ops-cleanup "$root" --older-than 7 --apply
  [ "$(sed "s/^removed //; s/'//g; s/\\$//g; s/\\\\n/\n/g" <<<"$output")" = "$planned" ]
}

# Negative control: a copy without the refusals does delete; so these tests can fail.
@test "control: without safe_root the same command deletes" {
  sed 's/^  root=$(safe_root "$root")$//' "$(command -v ops-cleanup)" >"$BATS_TEST_TMPDIR/reckless"
  run ! cmp -s "$(command -v ops-cleanup)" "$BATS_TEST_TMPDIR/reckless"
  HOME=$root run bash "$BATS_TEST_TMPDIR/reckless" "$root" --older-than 7 --apply
  [ "$status" -eq 0 ]
  [ ! -e "$root/old" ]
}
