#!/usr/bin/env bats
# ops system, on this machine and on roots made for the purpose.

setup() {
  load helper
  root=$BATS_TEST_TMPDIR/root
  mkdir -p "$root"/etc/systemd/system/multi-user.target.wants "$root"/etc/cron.d "$root"/var/lib/dpkg "$root"/var/log
  printf 'root:x:0:0::/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/bash\n' >"$root/etc/passwd"
  printf 'root:x:0:\nada:x:1000:\n' >"$root/etc/group"
  printf 'one\n' >"$root/etc/setting" && chmod 640 "$root/etc/setting"
  ln -s /lib/systemd/system/cron.service "$root/etc/systemd/system/multi-user.target.wants/cron.service"
  printf '# comment\n0 3 * * * root true\n' >"$root/etc/cron.d/nightly"
  for package in alpha beta; do
    printf 'Package: %s\nStatus: install ok installed\nMaintainer: me\nArchitecture: all\nVersion: 1\nDescription: x\n\n' "$package"
  done >"$root/var/lib/dpkg/status"
  touch "$root/var/lib/dpkg/available"
  a=$BATS_TEST_TMPDIR/a b=$BATS_TEST_TMPDIR/b
}

@test "a snapshot of this machine has every topic, and equals itself" {
  run ops system snapshot "$a"
  [ "$status" -eq 0 ]
  for topic in packages users groups mounts kernel; do [ -s "$a/$topic" ]; done
  [ -z "$(find "$a" -perm /077)" ]
  run ops system diff "$a" "$a"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "the difference names a changed file, mode, user, unit, job and package" {
  ops system snapshot "$a" --root "$root"
  printf 'two\n' >"$root/etc/setting"
  chmod 600 "$root/etc/group"
  printf 'eve:x:1001:1001::/home/eve:/bin/sh\n' >>"$root/etc/passwd"
  rm "$root/etc/systemd/system/multi-user.target.wants/cron.service"
  printf '0 4 * * * root false\n' >>"$root/etc/cron.d/nightly"
  sed -i 's/^Version: 1/Version: 2/' "$root/var/lib/dpkg/status"
  ops system snapshot "$b" --root "$root"
  run ops system diff "$a" "$b"
  [ "$status" -eq 1 ]
  [[ $output == *"etc + f 640 "*" setting"* ]]
  [[ $output == *"etc + f 600 "*" group"* ]]
  [[ $output == *"users + eve:1001"* ]]
  [[ $output == *"units - system/multi-user.target.wants/cron.service"* ]]
  [[ $output == *"cron + /etc/cron.d/nightly: 0 4 "* ]]
  if command -v dpkg-query >/dev/null; then [[ $output == *"packages + ii  alpha:all 2"* ]]; fi
  [[ $output != *"users - "* ]]
}

@test "restore brings /etc and the selection into another root; then there is no difference in etc" {
  command -v dpkg >/dev/null || skip "dpkg is missing: this is no Debian or Ubuntu. Next: run make test LAYER=0 on one"
  ops system snapshot "$a" --root "$root"
  other=$BATS_TEST_TMPDIR/other
  cp -a "$root" "$other"
  printf 'wrong\n' >"$other/etc/setting" && rm "$other/etc/cron.d/nightly"
  dpkg --root="$other" --set-selections <<<'alpha deinstall'
  run ops system restore "$a" "$other"
  [ "$status" -eq 0 ]
  [ "$(cat "$other/etc/setting")" = one ]
  [ "$(dpkg --root="$other" --get-selections alpha | cut -f 1,7-)" = "$(printf 'alpha\tinstall')" ]
  ops system snapshot "$b" --root "$other"
  run ops system diff "$a" "$b"
  [ "$status" -eq 0 ]
}

@test "a package database that dpkg cannot read is a failure, not a selection" {
  command -v dpkg >/dev/null || skip "dpkg is missing: this is no Debian or Ubuntu. Next: run make test LAYER=0 on one"
  ops system snapshot "$a" --root "$root"
  printf 'no stanza\n' >"$root/var/lib/dpkg/status"
  run ops system restore "$a" "$root"
  [ "$status" -eq 1 ]
  [[ $output == *'packages are not marked'*'Repair dpkg there'* ]]
  [[ $output != *'are marked'* ]]
}

@test "a restored root of this machine's /etc equals the snapshot" {
  ops system snapshot "$a"
  mkdir "$BATS_TEST_TMPDIR/new"
  ops system restore "$a" "$BATS_TEST_TMPDIR/new"
  ops backup "$BATS_TEST_TMPDIR/new/etc" "$BATS_TEST_TMPDIR/check"
  cp -a "$a" "$b" && rm -rf "$b/etc" && mv "$BATS_TEST_TMPDIR/check" "$b/etc"
  run ops system diff "$a" "$b"
  [ "$status" -eq 0 ]
}

# guard ROOT OPTION: only the question, never the restore: a broken refusal must not cost anybody's /etc.
guard() {
  bash -c 'set -e; source "$1/lib/common.bash"; source "$1/lib/system-restore.bash"; safe_target "$2" "$3"; echo allowed' \
    guard "$BATS_TEST_DIRNAME/.." "$1" "$2"
}

@test "/ is refused, and a disk is no container whatever its marks say" {
  run guard / ''
  [ "$status" -eq 77 ]
  run guard /usr/.. ''
  [ "$status" -eq 77 ]
  run guard "$root" ''
  [[ $output == *allowed ]]
  mkdir -p "$root/proc/self"
  marks() { bash -c 'source "$1/lib/system-restore.bash"; in_container "$2"' marks "$BATS_TEST_DIRNAME/.." "$root"; }
  printf '22 1 0:21 / / rw,relatime shared:1 - overlay overlay rw\n' >"$root/proc/self/mountinfo"
  run marks
  [ "$status" -ne 0 ]
  touch "$root/.dockerenv"
  run marks
  [ "$status" -eq 0 ]
  printf '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n' >"$root/proc/self/mountinfo"
  run marks
  [ "$status" -ne 0 ]
}

@test "refuses a missing root and an existing target; usage" {
  ops system snapshot "$a" --root "$root"
  run ops system restore "$a" ""
  [ "$status" -eq 77 ]
  run ops system snapshot "$a"
  [ "$status" -eq 77 ]
  run ops system snapshot "$b" --root "$BATS_TEST_TMPDIR/missing"
  [ "$status" -ne 0 ]
  run ops system diff "$a" "$BATS_TEST_TMPDIR"
  [ "$status" -eq 1 ]
  run ops system
  [ "$status" -eq 2 ]
  cd "$BATS_TEST_TMPDIR"
  for wrong in "snapshot new --root" "snapshot new --root ''" "snapshot --quick" "snapshot ''" "diff '' a" "restore a ''" "nonsense a b"; do
    eval "run ops system $wrong"
    [ "$status" -eq 2 ] || [[ $wrong == "restore a ''" && $status -eq 77 ]]
    [ "${#lines[@]}" -eq 1 ]
  done
  # Asked for help, it takes no snapshot called --help.
  for words in 'snapshot --help' 'diff -h' 'restore a b --help'; do
    # shellcheck disable=SC2086 # words
    run ops system $words
    [ "$status" -eq 0 ]
    [[ $output == *'Usage: ops system snapshot'* ]]
  done
  [ "$(find . -mindepth 1 -maxdepth 1 ! -name a ! -name root | wc -l)" -eq 0 ]
}

@test "a root without packages of its own: the selection is named, and no command that would not fit" {
  ops system snapshot "$a" --root "$root"
  mkdir "$b"
  run ops system restore "$a" "$b"
  [ "$status" -eq 0 ]
  [[ $output == *"packages: $b has no package database; the selection is in $a/selection"* ]]
}

@test "a snapshot of one container is restored into another, with its packages" {
  docker version >/dev/null 2>&1 || skip "no Docker engine answers. Next: make engines ENGINE=docker"
  run --separate-stderr "$BATS_TEST_DIRNAME/../proof/0.4-container"
  echo "$output $stderr"
  [ "$status" -eq 0 ]
  [[ $output == *differences_after$'\t'0* ]]
  # Nothing of it is left running.
  [ -z "$(docker ps -aq --filter "name=six-layers-ops-.*-$(printf '%s' "$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)" | sha256sum | cut -c 1-12)-")" ]
}

@test "on a Fedora, or its stand-in, rpm and dnf answer: packages and data are restored" {
  docker version >/dev/null 2>&1 || skip "no Docker engine answers. Next: make engines ENGINE=docker"
  run --separate-stderr "$BATS_TEST_DIRNAME/../proof/0.4-fedora"
  [ "$status" -ne 69 ] || skip "$stderr"
  echo "$output $stderr"
  [ "$status" -eq 0 ]
  [[ $output == *differences_after$'\t'0* ]]
  [ -z "$(docker ps -aq --filter "name=six-layers-ops-.*-$(printf '%s' "$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)" | sha256sum | cut -c 1-12)-")" ]
}

@test "a snapshot of a system with rpm is refused by a root with dpkg, and nothing is written" {
  ops system snapshot "$a" --root "$root"
  printf 'alpha\nbeta\n' >"$a/selection"
  printf 'mine\n' >"$root/etc/setting"
  run ops system restore "$a" "$root"
  [ "$status" -eq 77 ]
  [[ $output == *'another family of systems'*'one of dpkg'* ]]
  [ "$(cat "$root/etc/setting")" = mine ]
  # A selection that could not be read is none: /etc is restored, and the packages are left.
  printf '# incomplete: selection could not be read\n' >"$a/selection"
  run ops system restore "$a" "$root"
  [ "$status" -eq 0 ]
  [[ $output == *'packages are left as they are'* ]]
  [ "$(cat "$root/etc/setting")" = one ]
}

@test "what is mounted below /etc is left as it is; the rest is restored" {
  mkdir -p "$root/etc" && printf 'from the snapshot\n' >"$root/etc/hosts"
  ops system snapshot "$a" --root "$root"
  other=$BATS_TEST_TMPDIR/other
  cp -a "$root" "$other"
  printf 'wrong\n' >"$other/etc/setting"
  printf 'mounted\n' >"$BATS_TEST_TMPDIR/hosts"
  mount --bind "$BATS_TEST_TMPDIR/hosts" "$other/etc/hosts" 2>/dev/null || skip "mounting is not permitted here. Next: sudo make test LAYER=0"
  run ops system restore "$a" "$other"
  umount "$other/etc/hosts"
  [ "$status" -eq 0 ]
  [[ $output == *"left as it is: $(realpath "$other")/etc/hosts"* ]]
  [ "$(cat "$other/etc/setting")" = one ]
  [ "$(cat "$BATS_TEST_TMPDIR/hosts")" = mounted ]
}
