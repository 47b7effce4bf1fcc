#!/usr/bin/env bash
# The steps of ops rotate for the logs of one directory. Sourced, never executed.
# A log moves into a hidden directory beside it, is compressed there when nobody writes to it any more, and
# comes back as LOG.TIME.gz. One mv and one gzip for all logs of a directory; what a killed run leaves in
# the hidden directory the next one finishes.

readonly WAITING=.ops-rotating

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

# drop_partial WAITING: gzip removes a log when its archive is complete, so an archive beside its log is not.
drop_partial() {
  local archive
  while IFS= read -r -d '' archive; do
    [[ ! -e ${archive%.*.*.gz} ]] || rm -f -- "$archive"
  done < <(find "$1" -maxdepth 1 -name '*.[0-9]*T*.[0-9]*Z.gz' -print0)
}

# compress DIRECTORY STAMP OPEN: what waits there, except what the list OPEN names; then back beside the logs.
# Fails when something else remains.
compress() {
  local waiting=$1/$WAITING left
  drop_partial "$waiting"
  find "$waiting" -maxdepth 1 -type f ! -name '*Z.gz' -print0 \
    | grep -z -v -x -F -f <(printf '%s' "$3") \
    | xargs -0 -r -n 64 -P "$(jobs_count)" gzip -f -S ".$2.gz" -- || true
  find "$waiting" -maxdepth 1 -name '*Z.gz' -exec mv -n -t "$1" -- {} +
  rmdir -- "$waiting" 2>/dev/null && return
  left=$(find "$waiting" -mindepth 1 -maxdepth 1 -print 2>/dev/null | grep -v -x -F -f <(printf '%s' "$3") || true)
  [[ -z $left ]] || {
    note "not compressed: $left. The next run tries again."
    return 1
  }
}

# move_aside DIRECTORY LOG...: the logs of DIRECTORY into its waiting place, in one rename each.
move_aside() {
  local directory=$1 log lock
  local -a here=()
  shift
  for log; do [[ ${log%/*} != "$directory" ]] || here+=("$log"); done
  mkdir -p -- "$directory/$WAITING" || die "$FAILED" "no log of $directory was rotated, see above."
  exec {lock}<"$directory/$WAITING"
  flock -n "$lock" || die "$BUSY" "another run rotates in $directory. Try again later."
  printf '%s\0' "${here[@]}" | xargs -0 mv -n -t "$directory/$WAITING" -- \
    || die "$FAILED" "not all logs of $directory were moved, see above. The next run takes up what is in $WAITING."
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
  for directory in "${directories[@]}"; do
    compress "$directory" "$stamp" "$open" || status=$FAILED
  done
  return "$status"
}
