#!/usr/bin/env bats
# Who reads which file, in what order: real shells in a home of their own.

setup() {
  load helper
  load sshd
  dotfiles=$BATS_TEST_DIRNAME/../dotfiles
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir -p "$HOME/bin"
  for file in .profile .bash_profile .bashrc .bash_aliases; do
    # Each says its name first; then comes the real file.
    { printf 'echo %s >>"$HOME/order"\n' "$file" && cat "$dotfiles/$file"; } >"$HOME/$file"
  done
  clean=(env -i HOME="$HOME" PATH=/usr/bin:/bin TERM=dumb)
}
teardown() { [[ -z ${sshd_pid:-} ]] || kill "$sshd_pid" 2>/dev/null || true; }
order() { paste -s -d ' ' "$HOME/order" 2>/dev/null || true; }

@test "login and interactive: .bash_profile, .profile, .bashrc, .bash_aliases" {
  "${clean[@]}" bash -li -c true
  [ "$(order)" = '.bash_profile .profile .bashrc .bash_aliases' ]
}

@test "login only: .bash_profile, .profile" {
  "${clean[@]}" bash -l -c true
  [ "$(order)" = '.bash_profile .profile' ]
}

@test "interactive only: .bashrc, .bash_aliases" {
  "${clean[@]}" bash -i -c true
  [ "$(order)" = '.bashrc .bash_aliases' ]
}

@test "neither: nothing, unless BASH_ENV says so" {
  "${clean[@]}" bash -c true
  [ -z "$(order)" ]
  "${clean[@]}" BASH_ENV="$HOME/.profile" bash -c true
  [ "$(order)" = .profile ]
}

@test "a login shell that is not Bash reads .profile only, and understands it" {
  "${clean[@]}" sh -l -c true
  [ "$(order)" = .profile ]
}

@test "ssh host command: no login, not interactive; .bashrc only where Bash was built so, and it stops at once" {
  start_sshd "$BATS_TEST_TMPDIR/ssh" "SetEnv HOME=$HOME" || skip "no sshd. Next: sudo apt-get install openssh-server"
  mapfile -d '' options < <(ssh_options "$BATS_TEST_TMPDIR/ssh")
  run ssh "${options[@]}" -p "$sshd_port" 127.0.0.1 'echo "$-"; alias'
  [ "$status" -eq 0 ]
  [[ ${lines[0]} != *i* ]]
  [ "${#lines[@]}" -eq 1 ]
  echo "ssh host command read: '$(order)'" >&3
  [[ $(order) == .bashrc || -z $(order) ]]
}

@test "cron runs /bin/sh -c with four variables: nothing is read" {
  env -i HOME="$HOME" LOGNAME=me SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c true
  [ -z "$(order)" ]
}

# times_in_path: how often the home's bin is in the PATH on standard input.
times_in_path() { tr : '\n' | grep -cxF "$HOME/bin"; }

@test "PATH does not grow when shells are nested" {
  run --separate-stderr "${clean[@]}" bash -li -c 'bash -li -c "bash -l -c \"printenv PATH\""'
  [ "$(times_in_path <<<"$output")" -eq 1 ]
  # Debian's /etc/profile sets PATH anew; so ask the file itself, too.
  run "${clean[@]}" bash -c '. ~/.profile; . ~/.profile; printenv PATH'
  [ "$output" = "$HOME/bin:/usr/bin:/bin" ]
}

@test "control: without path_first's test, PATH does grow" {
  sed -i '/^    \*":$1:"\*) ;;$/d' "$HOME/.profile"
  run "${clean[@]}" bash -c '. ~/.profile; . ~/.profile; printenv PATH'
  [ "$(times_in_path <<<"$output")" -eq 2 ]
}

@test "no file prints anything" {
  for options in -lic -lc -ic -c; do
    run "${clean[@]}" bash "$options" true
    [ -z "$(grep -v 'job control\|ioctl' <<<"$output")" ]
  done
}

@test "install keeps what was there, is idempotent, and undo brings everything back" {
  home=$BATS_TEST_TMPDIR/other && mkdir "$home"
  printf 'mine\n' >"$home/.bashrc" && ln -s /nowhere "$home/.profile"
  "$dotfiles/install" --home "$home"
  [ "$home/.bashrc" -ef "$dotfiles/.bashrc" ]
  [ "$(cat "$home/.dotfiles-backup/.bashrc")" = mine ]
  run "$dotfiles/install" --home "$home"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  "$dotfiles/install" --undo --home "$home"
  [ "$(cat "$home/.bashrc")" = mine ]
  [ "$(readlink "$home/.profile")" = /nowhere ]
  [ "$(find "$home" -mindepth 1 | wc -l)" -eq 2 ]
}

@test "install refuses to lose a backup, and undo spares a file that is not its link" {
  home=$BATS_TEST_TMPDIR/other && mkdir -p "$home/.dotfiles-backup"
  printf 'kept\n' >"$home/.dotfiles-backup/.bashrc" && printf 'new\n' >"$home/.bashrc"
  run "$dotfiles/install" --home "$home"
  [ "$status" -eq 77 ]
  run "$dotfiles/install" --undo --home "$home"
  [ "$(cat "$home/.bashrc")" = new ]
  run "$dotfiles/install" --home ''
  [ "$status" -eq 2 ]
}

@test "install that cannot keep what was there fails and leaves it" {
  home=$BATS_TEST_TMPDIR/other && mkdir "$home"
  printf 'mine\n' >"$home/.profile" && : >"$home/.dotfiles-backup"
  run "$dotfiles/install" --home "$home"
  [ "$status" -eq 1 ]
  [ "$(cat "$home/.profile")" = mine ]
}
