#!/usr/bin/env bats
# The pages: every command in a console block runs, and says what the page shows.

bats_require_minimum_version 1.5.0

setup() {
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  cd "$root"
}

# shape: text without figures, digests and temporary paths, which differ from run to run.
shape() {
  sed -E 's/[0-9a-f]{64}/H/g; s#/tmp/[A-Za-z0-9._-]+#T#g; s/tmp\.[A-Za-z0-9]{10}/T/g; s/-?[0-9][0-9.,:TZ]*/N/g; s/[[:space:]]+/ /g; s/ $//'
}

# captured PAGE: what it shows of its command, and what that says now.
captured() {
  local page=layer0-bash/pages/$1 command
  command=$(sed -n 's/^<!-- captured: \(.*\) -->$/\1/p' "$page")
  [ -n "$command" ]
  sed -n '/^<!-- captured: /,/^<!-- end -->/p' "$page" | sed '1,3d' | sed '/^```$/,$d' | shape >"$BATS_TEST_TMPDIR/shown"
  bash -c "$command" 2>/dev/null | sed "s|$root/||g" | shape >"$BATS_TEST_TMPDIR/now"
  [ -s "$BATS_TEST_TMPDIR/shown" ]
  diff "$BATS_TEST_TMPDIR/shown" "$BATS_TEST_TMPDIR/now"
}

@test "0.1" { captured 0.1.md; }
@test "0.2" { captured 0.2.md; }
@test "0.3" { captured 0.3.md; }
@test "0.5" { captured 0.5.md; }

@test "control: a page that shows something else is seen" {
  sed 's/whole$/broken/' layer0-bash/pages/0.1.md >"$BATS_TEST_TMPDIR/0.1.md"
  mkdir -p "$BATS_TEST_TMPDIR/layer0-bash/pages" && mv "$BATS_TEST_TMPDIR/0.1.md" "$BATS_TEST_TMPDIR/layer0-bash/pages/"
  ln -s "$root/layer0-bash/examples" "$root/layer0-bash/bin" "$BATS_TEST_TMPDIR/layer0-bash/"
  cd "$BATS_TEST_TMPDIR"
  run captured 0.1.md
  [ "$status" -ne 0 ]
  [[ $output == *broken* ]]
}

@test "every lesson of a concept stands in lessons/README.md, with its output" {
  for lesson in layer0-bash/lessons/c0.*.sh; do
    grep -A 3 -F "<!-- captured: $lesson -->" layer0-bash/lessons/README.md | grep -qF "\$ $lesson"
  done
}
