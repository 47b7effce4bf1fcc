#!/usr/bin/env bash
# The store of ops backup: opening, locking, snapshots and their manifests. Sourced, never executed.
# Format: lib/store-README.md, a copy of which lies in every store.
# shellcheck disable=SC2154 # work is the caller's
# shellcheck source-path=SCRIPTDIR

readonly STORE_FORMAT='ops-store 1'

# foreign DIRECTORY: something in it that create_store does not make, if there is anything.
foreign() {
  find "$1" -mindepth 1 ! \( -path "$1/objects" -o -path "$1/snapshots" -o -path "$1/tmp" -o -path "$1/tmp/*" \
    -o -path "$1/README.md" -o -path "$1/writer.lock" -o -path "$1/reader.lock" \) -print -quit
}

# create_store DIRECTORY: a missing or empty directory becomes a store, and so does what a killed creation left.
# Another run may do the same now: every step can be done twice, and a store that has become one is left alone.
create_store() {
  local store=$1
  [[ ! -e $store || -d $store ]] || die "$REFUSED" "$store is not a directory. Name another STORE."
  [[ ! -d $store || -z $(foreign "$(realpath -- "$store")") || -e $store/format ]] \
    || die "$REFUSED" "$store holds something that is no store. Name an empty or a new directory."
  [[ ! -e $store/format ]] || return 0
  mkdir -p -- "$store" 2>/dev/null && [[ -w $store ]] \
    || die "$FAILED" "no store can be made at $store. Next: name a STORE where you may write"
  mkdir -p -- "$store"/{objects,snapshots,tmp}
  cp -- "$LIB/store-README.md" "$store/README.md"
  : >"$store/writer.lock"
  : >"$store/reader.lock"
  # The format file comes last: a killed creation leaves no store, and the next run completes it.
  (cd -- "$store" && printf '%s\n' "$STORE_FORMAT" && sha256sum README.md) >"$store/tmp/format.$$"
  mv -- "$store/tmp/format.$$" "$store/format" 2>/dev/null || [[ -e $store/format ]]
}

# open_store DIRECTORY: print its real path, or stop.
open_store() {
  local store=$1 format='' folder
  [[ -n $store ]] || die "$USAGE" "no STORE given. Try: ${PROGRAM/-/ } --help"
  [[ -d $store ]] || die "$FAILED" "no store at $store. Next: ops backup SOURCE $store"
  [[ -r $store && -x $store ]] || die "$FAILED" "you may not read $store. Next: ask its owner, $(stat -c %U -- "$store")"
  [[ ! -r $store/format ]] || IFS= read -r format <"$store/format" || true
  [[ $format == "$STORE_FORMAT" ]] || die "$FAILED" "damaged, or no store of mine: $store/format is not '$STORE_FORMAT'"
  for folder in objects snapshots; do
    [[ -d $store/$folder ]] || die "$FAILED" "damaged: $store/$folder is missing. Next: bring it back from a copy of the store"
  done
  realpath -- "$store"
}

# region: lock
# lock STORE NAME MODE: hold NAME.lock, shared (-s) or exclusive (-x), until this shell ends, however it
# ends. writer.lock keeps writers apart; prune also takes reader.lock, which readers share.
lock() {
  local descriptor=8
  if [[ $2 == writer ]]; then
    descriptor=9
    exec 9<"$1/writer.lock"
  else
    exec 8<"$1/reader.lock"
  fi
  # One second, because the children of a run killed just now need a moment to follow it.
  flock -w 1 "$3" "$descriptor" || die "$BUSY" "another run holds $1/$2.lock. Try again later."
}
# endregion

# work_directory STORE: make this run's own directory below tmp, and clear what killed runs left.
work_directory() {
  find "$1/tmp" -mindepth 1 -maxdepth 1 -exec rm -rf -- {} + 2>/dev/null || true
  mktemp -d -- "$1/tmp/run.XXXXXXXX" 2>/dev/null \
    || die "$FAILED" "cannot write to $1/tmp. Next: df $1, or ask the store's owner, $(stat -c %U -- "$1")"
}

# farm_directory STORE: in memory where that can be had, because thousands of links on a disk cost more than
# the reading of what they lead to. Its name depends on the store, so that the next run, which alone may
# write there, clears what a killed one left. In a place where others may write, it must be ours.
farm_directory() {
  local place=${TMPDIR:-/dev/shm}
  place=$place/ops-$EUID-$(printf '%s' "$1" | cksum | tr -d ' ')
  rm -rf -- "$place" 2>/dev/null || true
  mkdir -m 700 -- "$place" 2>/dev/null || place=$work/farm
  printf '%s' "$place"
}

# scratch_directory: for a reader, who may not write to the store. Memory, where there is some to be had.
scratch_directory() {
  local place=${TMPDIR:-/dev/shm}
  [[ -d $place && -w $place ]] || place=/tmp
  mktemp -d -- "$place/${PROGRAM}.XXXXXXXX"
}
