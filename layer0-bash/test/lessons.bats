#!/usr/bin/env bats
# Every lesson runs, ends with 0, and leaves nothing behind.

setup() {
  lessons=$BATS_TEST_DIRNAME/../lessons
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
}

# lesson NAME: 69 is a skip with the lesson's own reason.
lesson() {
  run timeout 60 "$lessons/$1"
  [ "$status" -ne 69 ] || skip "${lines[-1]}"
  echo "$output"
  [ "$status" -eq 0 ]
  [ -z "$(ls -A "$TMPDIR")" ]
}

@test "c0.1 everything is a file" { lesson c0.1-files.sh; }
@test "c0.2 processes and signals" { lesson c0.2-processes.sh; }
@test "c0.3 hierarchy" { lesson c0.3-hierarchy.sh; }
@test "c0.4 permissions" { lesson c0.4-permissions.sh; }
@test "c0.5 environment and PATH" { lesson c0.5-environment.sh; }
@test "c0.6 Bash" { lesson c0.6-bash.sh; }
@test "c0.7 text tools agree with slokit" {
  [ -x "$BATS_TEST_DIRNAME/../../.run/venv/slokit/bin/slokit" ] || skip "slokit is not set up. Next: layer1-env/bootstrap.sh slokit"
  lesson c0.7-text-tools.sh
}
@test "c0.7 control: a slokit with another figure makes it fail" {
  printf '#!/bin/sh\necho "{\\"lines\\": 1}"\n' >"$BATS_TEST_TMPDIR/slokit" && chmod +x "$BATS_TEST_TMPDIR/slokit"
  SLOKIT=$BATS_TEST_TMPDIR/slokit run "$lessons/c0.7-text-tools.sh"
  [ "$status" -eq 1 ]
  [[ $output == *"slokit says 1"* ]]
}
@test "c0.8 packages" { lesson c0.8-packages.sh; }
@test "c0.9 ssh" { lesson c0.9-ssh.sh; }
@test "c0.10 job control" { lesson c0.10-jobs.sh; }
@test "0.4 zombie and orphan" { lesson zombie.sh; }

@test "control: a lesson whose claim does not hold fails" {
  sed "s/^is 143 /is 0 /; s|\$(dirname -- .*)/lesson.bash|$lessons/lesson.bash|" "$lessons/c0.2-processes.sh" >"$BATS_TEST_TMPDIR/wrong.sh"
  run bash "$BATS_TEST_TMPDIR/wrong.sh"
  [ "$status" -eq 1 ]
  [[ $output == *"this lesson expected: 0"* ]]
}
