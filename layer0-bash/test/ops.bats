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
