#!/usr/bin/env bash
# What ops rotate may touch: which logs are due and safe, which archives go, who writes. Sourced, never executed.

# large SIZE LOG...: NUL-separated, the logs of at least SIZE bytes, never an empty one. One process for all.
large() {
  local least=$(($1 > 0 ? $1 : 1))
  shift
  # shellcheck disable=SC2016 # for the child
  printf '%s\0' "$@" | xargs -0 sh -c 'exec find "$@" -prune -size "+$0c" -print0' "$((least - 1))"
}

# aged LOG HOURS: is its newest archive, if it has one, that old?
aged() {
  local newest
  (($2 > 0)) || return 0
  newest=$(archives "$1" | tail -z -n 1 | tr -d '\0')
  [[ -z $newest || -n $(find "$newest" -prune -mmin "+$(($2 * 60))") ]]
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
