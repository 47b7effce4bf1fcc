#!/usr/bin/env bats
# The dispatcher and the completion.

bats_require_minimum_version 1.5.0

setup() {
  home=$BATS_TEST_DIRNAME/..
  PATH=$home/bin:$PATH
}

@test "help names every command with its one line" {
  run ops
  [ "$status" -eq 0 ]
  for file in "$home"/libexec/ops-*; do
    [[ $output == *"${file##*/ops-} "*"$(sed -n '2s/^# //p' "$file")"* ]]
  done
}

@test "every command prints its usage and its exit codes, and refuses an unknown option with 2" {
  for name in $(ops help --names); do
    run ops help "$name"
    [ "$status" -eq 0 ]
    [[ $output == *"Usage: ops $name"* && $output == *"Exit codes: 0"* ]]
    run ops "$name" --no-such-option
    [ "$status" -eq 2 ]
  done
}

@test "an unknown command, or one with a slash, is a usage error" {
  run ops nonsense
  [ "$status" -eq 2 ]
  [[ $output == *"ops help"* ]]
  run ops ../libexec/ops-cleanup
  [ "$status" -eq 2 ]
}

@test "works through a symbolic link from any directory" {
  ln -s "$(realpath "$home/bin/ops")" "$BATS_TEST_TMPDIR/ops"
  cd /
  run "$BATS_TEST_TMPDIR/ops" help cleanup
  [ "$status" -eq 0 ]
  [[ $output == *"--older-than"* ]]
}

@test "completes commands and options in a real shell" {
  complete_words() {
    bash --norc -c 'source "$0/completions/ops.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ops; printf "%s\n" "${COMPREPLY[@]}"' "$home" "$@"
  }
  run complete_words ops cle
  [ "$output" = cleanup ]
  run complete_words ops cleanup --ol
  [ "$output" = --older-than ]
  cd "$BATS_TEST_TMPDIR" && touch 'a file'
  run complete_words ops cleanup 'a '
  [ "$output" = 'a file' ]
}

@test "a program that is missing: 69, with the command that installs it" {
  mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/store" "$BATS_TEST_TMPDIR/etc"
  for program in bash sed dirname realpath mktemp rm; do ln -s "$(command -v "$program")" "$BATS_TEST_TMPDIR/bin/"; done
  printf 'x\n' >"$BATS_TEST_TMPDIR/a.log"
  ops=$(command -v ops)
  export PATH=$BATS_TEST_TMPDIR/bin
  lacks() {
    run "$ops" "${@:2}"
    [ "$status" -eq 69 ]
    [[ $output == *"$1 is missing. Next: "*"apt-get install $1"* ]]
  }
  cd "$BATS_TEST_TMPDIR"
  lacks zstd list store
  lacks zstd verify store
  lacks zstd restore store latest target
  lacks zstd prune store --keep 1
  lacks zstd system snapshot somewhere
  lacks zstd system diff one two
  lacks zstd system restore one two
  lacks gzip rotate a.log
  PATH=/usr/bin:/bin
}

@test "tools that are not GNU's, as on macOS: 69, with the command that installs them" {
  mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/etc"
  printf '#!/bin/sh\necho "find: -printf: unknown primary or operator" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/find"
  chmod +x "$BATS_TEST_TMPDIR/bin/find"
  cd "$BATS_TEST_TMPDIR"
  printf 'x\n' >a.log
  for command in 'backup etc store' 'list store' 'verify store' 'restore store latest target' 'prune store --keep 1' \
    'rotate a.log' 'cleanup etc --older-than 1' 'system snapshot somewhere' 'system diff one two' 'system restore one two'; do
    # shellcheck disable=SC2086 # words
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run ops $command
    [ "$status" -eq 69 ]
    [[ $output == *"brew install "*findutils* ]]
    [[ $output != *"unknown primary"* ]]
  done
  [ ! -e store ]
  # Control: the same commands with GNU's find go on.
  ops backup etc store
}

@test "a Bash that is too old: 69, before it fails at something else" {
  sed 's/BASH_VERSINFO\[0\] < 5/BASH_VERSINFO[0] < 99/' "$home/bin/ops" >"$BATS_TEST_TMPDIR/ops"
  run bash "$BATS_TEST_TMPDIR/ops" help
  [ "$status" -eq 69 ]
  [[ $output == *"Bash 5 is needed, this is $BASH_VERSION. Next: "* ]]
}

@test "a machine without /proc: proctree says so, with 69" {
  unshare -m true 2>/dev/null || skip "another mount namespace is not permitted here. Next: sudo make test LAYER=0"
  run unshare -m sh -c 'mount -t tmpfs tmpfs /proc && exec "$0" proctree' "$(command -v ops)"
  [ "$status" -eq 69 ]
  [[ $output == *"ps -axo"* ]]
}
