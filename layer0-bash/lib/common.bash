#!/usr/bin/env bash
# Messages, exit codes and checks that the ops commands share. Sourced, never executed.
# shellcheck disable=SC2034 # the constants are for those who source this

# Bytes, not letters: names of files have no encoding, and tools are faster so.
export LC_ALL=C
umask 077

readonly FAILED=1 USAGE=2 NO_DATA=4 MISSING=69 BUSY=75 REFUSED=77
readonly PROGRAM=${0##*/}

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; }

note() { printf '%s: %s\n' "${PROGRAM/-/ }" "$*" >&2; }

# die CODE MESSAGE: say the cause and the next step, and stop.
die() {
  local code=$1
  shift
  note "$*"
  exit "$code"
}

# progress MESSAGE: what is going on, only where somebody looks.
progress() { if [[ -t 2 ]]; then printf '\r\033[K%s' "$*" >&2; fi; }

# region: progress
# counting LABEL TOTAL DIRECTORY COMMAND...: run COMMAND; meanwhile, on a terminal, say how many files there are
# in DIRECTORY. The counter ends with the command, or with this shell if that is killed, and holds no lock.
counting() {
  local label=$1 total=$2 directory=$3 counter='' status=0
  shift 3
  if [[ -t 2 ]]; then
    while sleep 0.3 && kill -0 $$ 2>/dev/null; do
      progress "$label $(find "$directory" -type f 2>/dev/null | wc -l) of $total"
    done 8>&- 9>&- &
    counter=$!
  fi
  "$@"
  status=$?
  if [[ -n $counter ]]; then
    kill "$counter" 2>/dev/null || true
    wait "$counter" 2>/dev/null || true
  fi
  return "$status"
}
# endregion

# A whole number may begin with 0, so whoever calculates with one says 10#.
whole_number() { [[ $1 =~ ^[0-9]{1,9}$ ]]; }

# bytes_of SIZE: k, M and G count in 1024.
bytes_of() { [[ $1 == [0-9]* ]] && numfmt --from=iec -- "${1^^}" 2>/dev/null; }

# install_command PACKAGE: of the manager that this system is kept by. Debian has a dnf too, which knows nothing there.
install_command() {
  if [[ ! -s /var/lib/dpkg/status ]] && command -v dnf >/dev/null; then
    printf 'sudo dnf install %s' "$1"
  elif command -v brew >/dev/null; then
    printf 'brew install %s' "$1"
  else
    printf 'sudo apt-get install %s' "$1"
  fi
}

# need PROGRAM [PACKAGE]: stop with the command that installs what is missing.
need() {
  command -v "$1" >/dev/null || die "$MISSING" "$1 is missing. Next: $(install_command "${2:-$1}")"
}

# need_gnu: stop where the tools are others', as on macOS; they would fail later with a message about -printf or -z.
need_gnu() {
  local package=''
  find / -prune -printf '' 2>/dev/null || package=findutils
  sed -n -z '' </dev/null 2>/dev/null || package=gnu-sed
  stat -c '' / >/dev/null 2>&1 || package=coreutils
  [[ -z $package ]] || die "$MISSING" "GNU tools are needed, $package is missing or not first in PATH. Next (macOS): brew install coreutils findutils gnu-sed gnu-tar, and add their gnubin directories to PATH"
}

jobs_count() { nproc 2>/dev/null || printf 2; }

# region: escaping
# One record a line, whatever a name holds: backslash, tab and newline become \134, \011 and \012,
# as in /proc/self/mountinfo. Both read and write NUL-terminated records.
escape() { sed -z 's/\\/\\134/g; s/\t/\\011/g; s/\n/\\012/g'; }
unescape() { sed -z 's/\\011/\t/g; s/\\012/\n/g; s/\\134/\\/g'; }
# endregion

# signals_exit: a signal ends the run with 128 + its number, through the EXIT trap.
signals_exit() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
