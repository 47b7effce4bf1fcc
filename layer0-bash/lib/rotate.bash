#!/usr/bin/env bash
# The steps of ops rotate for the logs of one directory. Sourced, never executed.
# A log moves into a hidden directory beside it, is compressed there when nobody writes to it any more, and
# comes back as LOG.TIME.gz. One mv and one gzip for all logs of a directory; what a killed run leaves in
# the hidden directory the next one finishes.

readonly WAITING=.ops-rotating

# due LOG SIZE HOURS: is it large and old enough? Its age is that of the newest archive.
due() {
  local size newest
  size=$(stat -c %s -- "$1")
  ((size > 0 && size >= $2)) || return 1
  (($3 == 0)) && return
  newest=$(archives "$1" | tail -z -n 1 | tr -d '\0')
  [[ -z $newest || -n $(find "$newest" -prune -mmin "+$(($3 * 60))") ]]
}

# archives LOG: NUL-separated, oldest first. The time in the name has a fixed form, so names sort by time.
archives() {
  local -a found
  shopt -s nullglob
  found=("$1".[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T*Z.gz)
  shopt -u nullglob
  ((${#found[@]} == 0)) || printf '%s\0' "${found[@]}" | sort -z
}

# safe_log LOG: its real path in $real, or fail: a link out of its directory may lead to somebody's file.
safe_log() {
  # Without a process for the ordinary case: a thousand logs in one directory.
  if [[ $1 == "${safe_directory:-}"/* && ${1##*/} != '' && ! -L $1 && -f $1 && ${1#"${safe_directory:-}"/} != */* ]]; then
    real=$1
    return
  fi
  real=$(realpath -e -- "$1" 2>/dev/null) || die "$FAILED" "no such log: $1. Check the path."
  [[ -f $real ]] || die "$REFUSED" "refusing $1: not a regular file"
  [[ ${real%/*} == "$(realpath -- "$(dirname -- "$1")")" ]] \
    || die "$REFUSED" "refusing $1: a link out of its directory, to $real. Name that file if you mean it."
  safe_directory=${real%/*}
}

# open_files DIRECTORY...: which of the files that wait there are open in some process that we may see.
open_files() {
  local directory
  for directory; do
    find /proc/[0-9]*/fd -maxdepth 1 -type l -printf '%l\n' 2>/dev/null | grep -F -- "$directory/" | sort -u || true
  done
}

# region: wait
# wait_closed SECONDS DIRECTORY...: until nobody has a file there open, or the time is over.
wait_closed() {
  local end=$((SECONDS + $1))
  shift
  until [[ -z $(open_files "$@") ]]; do
    ((SECONDS < end)) || return 1
    sleep 0.02
  done
}
# endregion

# compress DIRECTORY STAMP OPEN: what waits there, except what the list OPEN names; then back beside the logs.
compress() {
  local waiting=$1/$WAITING
  find "$waiting" -maxdepth 1 -type f ! -name '*Z.gz' -print0 \
    | grep -z -v -x -F -f <(printf '%s' "$3") \
    | xargs -0 -r -n 64 -P "$(jobs_count)" gzip -S ".$2.gz" -- || true
  find "$waiting" -maxdepth 1 -name '*Z.gz' -exec mv -n -t "$1" -- {} +
  rmdir -- "$waiting" 2>/dev/null || true
}

# thin LOG KEEP: remove the oldest archives beyond KEEP.
thin() {
  local -a found=("$1".[0-9]*T*Z.gz)
  # Most logs have nothing to remove; processes only for those that have.
  ((${#found[@]} > $2)) || return 0
  archives "$1" | head -z -n "-$2" | xargs -0 -r rm -f --
}

# writer PIDFILE LOG...: print the process, if it really has one of the logs open: pids are used again.
writer() {
  local pid log descriptor
  pid=$(head -c 20 -- "$1" 2>/dev/null | tr -d '[:space:]') || true
  [[ $pid =~ ^[1-9][0-9]*$ ]] || die "$REFUSED" "refusing: no process id in $1"
  shift
  for log; do
    for descriptor in "/proc/$pid/fd"/*; do
      if [[ $descriptor -ef $log ]]; then
        printf '%s' "$pid"
        return
      fi
    done
  done
  die "$REFUSED" "refusing: process $pid has none of the logs open. Is the pid file old?"
}

# move_aside DIRECTORY LOG...: the logs of DIRECTORY into its waiting place, in one rename each.
move_aside() {
  local directory=$1 log lock
  local -a here=()
  shift
  for log; do [[ ${log%/*} != "$directory" ]] || here+=("$log"); done
  mkdir -p -- "$directory/$WAITING"
  exec {lock}<"$directory/$WAITING"
  flock -n "$lock" || die "$BUSY" "another run rotates in $directory. Try again later."
  printf '%s\0' "${here[@]}" | xargs -0 mv -n -t "$directory/$WAITING" --
}

# rotate WAIT PID SIGNAL LOG...
rotate() {
  local wait=$1 pid=$2 signal=$3 directory stamp status=0 open=''
  local -a logs=("${@:4}") directories
  mapfile -d '' directories < <(printf '%s\0' "${logs[@]%/*}" | sort -zu)
  stamp=$(date -u +%Y%m%dT%H%M%S.%6NZ)
  for directory in "${directories[@]}"; do
    move_aside "$directory" "${logs[@]}"
  done
  [[ -z $pid ]] || kill -s "$signal" -- "$pid" || die "$FAILED" "process $pid did not take the signal; the logs are in $WAITING"
  if ! wait_closed "$wait" "${directories[@]/%//$WAITING}"; then
    open=$(open_files "${directories[@]/%//$WAITING}")
    note "still open after $wait s, not compressed: $open"
    status=$BUSY
  fi
  for directory in "${directories[@]}"; do compress "$directory" "$stamp" "$open"; done
  return "$status"
}
