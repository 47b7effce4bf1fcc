#!/usr/bin/env bats
# Source versus execute: the outcome of each pair.

bats_require_minimum_version 1.5.0

setup_file() {
  export show=$BATS_TEST_DIRNAME/../examples/source/show table=$BATS_FILE_TMPDIR/table
  "$show" >"$table"
}

# outcome SCRIPT EXECUTED SOURCED
outcome() {
  run awk -F '\t' -v script="$1" '$1 == script { print $3 "|" $4 }' "$table"
  [ "$output" = "$2|$3" ]
}

@test "the current directory changes only by sourcing" { outcome cd /tmp /; }
@test "a variable stays only by sourcing" { outcome variable unset set; }
@test "a function stays only by sourcing" { outcome function none function; }
@test "a shell option stays only by sourcing" { outcome option off on; }
@test "exit ends the script, or the shell that sourced it" { outcome exit 'goes on, code 3' 'the asking shell ended with 3'; }
@test "a trap on EXIT runs at the script's end, or at the shell's" { outcome trap 'trap ran;still here' 'still here;trap ran'; }
@test "return is for sourced scripts" { outcome return "return: can only \`return' from a function or sourced script;code 2" 'code 4'; }
@test "\$0 and BASH_SOURCE tell which" { outcome zero executed sourced; }
@test "every script has its pair here" {
  for script in "$BATS_TEST_DIRNAME"/../examples/source/*.sh; do
    script=${script##*/}
    grep -q "outcome ${script%.sh} " "$BATS_TEST_FILENAME"
  done
}
@test "control: a wrong expectation fails" {
  run ! outcome cd / /
  run ! outcome variable set set
}
