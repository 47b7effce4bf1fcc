#!/usr/bin/env bats
# ops why, in the lab: every scenario is broken, named by its cause, repaired, and graded.

setup() {
  load helper
  lab=$BATS_TEST_DIRNAME/../drills/why/lab
  export OPS_LAB=$BATS_TEST_TMPDIR/lab
}
teardown() { "$lab" clean >/dev/null 2>&1 || true; }

# why SCENARIO: what ops says in a shell with the lab's settings.
why() {
  local place=$OPS_LAB/$1 as=()
  ((EUID)) || as=(setpriv --bounding-set -dac_override,-dac_read_search)
  "${as[@]}" bash --norc --noprofile -O expand_aliases -c '
    source "$0/env.sh"; ops=$1
    "$ops" why greet --type "$(type -t greet)" --hashed "$(hash -t greet 2>/dev/null)"' "$place" "$(command -v ops)"
}

# drill SCENARIO REPAIR: REPAIR runs in the lab's directory.
drill() {
  local scenario=$1
  "$lab" break "$scenario" || skip "$(lab_reason)"
  run "$lab" check
  [ "$status" -eq 1 ]
  OPS_LOOK_IN=$OPS_LAB/$scenario/opt/bin run why "$scenario"
  [ "$status" -eq 1 ]
  [[ $output == *"${3:-$scenario}: "*"repair: "* ]]
  (cd "$OPS_LAB/$scenario" && eval "$2")
  run "$lab" check
  echo "$output"
  [ "$status" -eq 0 ]
  run why "$scenario"
  [ "$status" -eq 0 ]
}
lab_reason() { printf 'this machine cannot show it: mounting needs root. Next: sudo make test LAYER=0'; }
again='cp -f "$BASH" bin/greet'

@test "path-missing" { drill path-missing 'echo "PATH=\$PATH:$PWD/opt/bin" >>env.sh' not-on-path; }
@test "shadowed" { drill shadowed 'rm old/greet'; }
@test "not-executable" { drill not-executable 'chmod +x bin/greet'; }
@test "bad-interpreter" { drill bad-interpreter 'sed -i "1s|.*|#!/bin/sh|" bin/greet'; }
@test "crlf" { drill crlf 'sed -i "s/\r$//" bin/greet'; }
@test "env-interpreter" { drill env-interpreter 'sed -i "1s|.*|#!/usr/bin/env sh|" bin/greet'; }
@test "missing-library" { drill missing-library "$again"; }
@test "wrong-architecture" { drill wrong-architecture "$again"; }
@test "missing-loader" { drill missing-loader "$again"; }
@test "directory-permission" { drill directory-permission 'chmod 755 bin'; }
@test "dangling-link" { drill dangling-link 'ln -sfn ../greet-2 bin/greet'; }
@test "hash" { drill hash 'sed -i "/^hash/d" env.sh'; }
@test "alias" { drill alias 'sed -i "/^alias/d" env.sh'; }
@test "function" { drill function 'sed -i "/^greet()/d" env.sh'; }
@test "locale" { drill locale 'sed -i "s/xx_YY.UTF-8/C.UTF-8/" env.sh'; }
@test "locale, below a Python that has set LC_CTYPE" {
  export LC_CTYPE=C.UTF-8
  drill locale 'sed -i "s/xx_YY.UTF-8/C.UTF-8/" env.sh'
}
@test "ops why honours LC_CTYPE before LANG" {
  "$lab" break locale
  printf 'export LC_CTYPE=zz_ZZ.UTF-8\n' >>"$OPS_LAB/locale/env.sh"
  run why locale
  [[ $output == *"the locale zz_ZZ.UTF-8 is not installed"* ]]
}
@test "noexec" { drill noexec 'cp bin/greet greet.kept; umount bin; cp greet.kept bin/greet'; }
@test "empty" { drill empty "$again"; }

@test "every scenario of the lab is tested here" {
  for scenario in $("$lab" list); do grep -q "drill $scenario " "$BATS_TEST_FILENAME"; done
  [ "$("$lab" list | wc -l)" -ge 12 ]
}

@test "a command that runs: 0; an unknown one: 1; usage: 2" {
  run ops why bash
  [ "$status" -eq 0 ]
  run ops why no-such-command-at-all
  [ "$status" -eq 1 ]
  [[ $output == *not-found* ]]
  run ops why
  [ "$status" -eq 2 ]
  run ops why --type
  [ "$status" -eq 2 ]
}

@test "a directory, a path that does not exist, two commands, and what the shell itself knows" {
  run ops why "$BATS_TEST_TMPDIR"
  [ "$status" -eq 1 ]
  [[ $output == *"directory: "*"repair: "* ]]
  run ops why ./no-such-file
  [ "$status" -eq 1 ]
  [[ $output == "not-found: ./no-such-file does not exist"*"repair: "* ]]
  [[ $output != *"in PATH ("* ]]
  run ops why bash cat
  [ "$status" -eq 2 ]
  for word in cd if; do
    run --separate-stderr ops why "$word"
    [ "$status" -eq 0 ]
    [ "$output" = "nothing is in the way of $word" ]
    [[ $stderr == *"$word is part of Bash"* ]]
  done
}

@test "the function ops in a shell adds what only that shell knows" {
  run bash --norc -O expand_aliases -c 'source "$0/completions/ops.bash"; eval "alias bash=false"; ops why bash' "$BATS_TEST_DIRNAME/.."
  [ "$status" -eq 1 ]
  [[ $output == *"alias: "* ]]
}

@test "the lab refuses an unknown scenario, and cleans up after itself" {
  run "$lab" break nonsense
  [ "$status" -eq 2 ]
  [[ $output == *"crlf"* ]]
  run "$lab" check
  [ "$status" -eq 2 ]
  [[ $output == *"nothing to check"*"break SCENARIO="* ]]
  "$lab" break crlf
  "$lab" clean
  [ ! -e "$OPS_LAB" ]
}

@test "a scenario that this machine cannot show is 69, with the reason" {
  mkdir "$BATS_TEST_TMPDIR/shim"
  printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/shim/mount" && chmod +x "$BATS_TEST_TMPDIR/shim/mount"
  PATH=$BATS_TEST_TMPDIR/shim:$PATH run "$lab" break noexec
  [ "$status" -eq 69 ]
  [[ $output == *"noexec needs the right to mount"* ]]
}
