#!/usr/bin/env bash
# The steps of ops restore: choose entries, check their contents, hand them to tar. Sourced, never executed.
# shellcheck disable=SC2154 # work is the caller's

# select_entries PATH: entries at or below PATH (escaped) of $work/manifest, in $work/entries.
select_entries() {
  want=$1 awk -f "$LIB/awk/select.awk" "$work/manifest" "$work/manifest" >"$work/entries"
}

# need_objects STORE: every object that the entries need is there, or nothing is written.
need_objects() {
  awk -F '\t' '$1 == "f" && !seen[$10]++ { print $10 "\t" $11 }' "$work/entries" >"$work/needed"
  missing_objects "$1" <"$work/needed" | cut -f 1 >"$work/damaged"
  [[ ! -s $work/damaged ]] || name_damaged "$1"
}

# check_contents STORE: every content that is needed is right in the store, or nothing is written.
check_contents() {
  cut -f 1 "$work/needed" | sed 's/$/.zst/' | tr '\n' '\0' | check_objects "$1/objects" >"$work/damaged"
  [[ ! -s $work/damaged ]] || name_damaged "$1"
}

# name_damaged STORE: say what $work/damaged is needed for, and stop.
name_damaged() {
  while IFS= read -r line; do note "$line"; done < <(awk -F '\t' 'NR == FNR { bad[$1]; next }
    $1 == "f" && $10 in bad { print "damaged: objects/" $10 ".zst, needed for " $11 }' "$work/damaged" "$work/entries")
  die "$FAILED" "nothing was restored. Next: ops verify $1; ops list $1 (an earlier snapshot, or --path another path)"
}

# region: written
# check_written DIRECTORY: what was written there has the digests of the manifest. What we may not read,
# because its mode says so, is left to a check of its object.
check_written() {
  awk -F '\t' '$1 == "f" { print $11 }' "$work/entries" >"$work/written"
  (cd -- "$1" && hash_files "$work/written" 2>/dev/null) >"$work/found"
  awk -F '\t' -v unread="$work/unread" 'NR == FNR { sha[$2] = $1; next } $1 != "f" { next }
    !($11 in sha) { printf "%s.zst%c", $10, 0 >unread; next }
    sha[$11] != $10 { wrong = 1 } END { exit wrong }' "$work/found" "$work/entries" || return
  [[ ! -s $work/unread || -z $(check_objects "$store/objects" <"$work/unread") ]]
}
# endregion

# refuse_conflicts TARGET: stop if anything but a directory would be replaced.
refuse_conflicts() {
  local path found=0
  [[ -d $1 ]] || return 0
  while IFS= read -r -d '' path; do
    if [[ -e $1/$path || -L $1/$path ]]; then
      note "exists: $1/$path"
      found=$((found + 1))
    fi
  done < <(awk -F '\t' '$1 ~ /[flh]/ { print $11 }' "$work/entries" | tr '\n' '\0' | unescape)
  ((found == 0)) || die "$REFUSED" "$found files exist; nothing was restored. Name another TARGET, or add --overwrite."
}

# region: extract
# extract STORE DIRECTORY TAR_OPTION...: a tar stream of headers, made by awk, and contents, by zstd; so tar
# does what it is trusted for: names, links, owners, modes, times, and no path outside DIRECTORY.
# "zstd -dcf" passes on what is not compressed, and so joins both in the order of the list.
extract() {
  local store=$1 directory=$2
  shift 2
  mkdir "$work/c"
  ln -s -- "$store/objects" "$work/o"
  (
    # The pieces' names are relative.
    cd -- "$work" || exit 1
    awk -f "$LIB/awk/tar-header.awk" -f "$LIB/awk/to-tar.awk" entries >order
    xargs -a order -n 256 zstd -dcfq -- \
      | tar -x -p -f - -C "$directory" --numeric-owner --delay-directory-restore --warning=no-timestamp "$@"
  )
}
# endregion

# finish DIRECTORY STORE: what tar streams do not carry: holes, extended attributes, ACLs.
finish() {
  local sha mtime path
  while IFS=$'\t' read -r sha mtime path; do
    path=$(printf '%s\0' "$path" | unescape | tr '\0' '/')
    path=$1/${path%/}
    # Into the file that tar made, which has its owner, mode and links already.
    # shellcheck disable=SC2216 # cp reads /dev/stdin
    zstd -dcq -- "$2/objects/$sha.zst" | cp --sparse=always -- /dev/stdin "$path"
    touch -d "@$mtime" -- "$path"
  done < <(awk -F '\t' '$1 == "f" && $9 ~ /s/ { print $10 "\t" $6 "\t" $11 }' "$work/entries")
  # setfattr reads \012 and \134 itself, but a tab as it is and a carriage return as \015.
  awk -F '\t' '($1 == "f" || $1 == "d") && $13 != "" {
    gsub(/\\011/, "\t", $11); gsub(/\r/, "\\015", $11); gsub(/\\012/, "\n", $13)
    print "# file: ./" $11 "\n" $13 }' "$work/entries" >"$work/attributes"
  [[ -s $work/attributes ]] || return 0
  if ! command -v setfattr >/dev/null; then
    # shellcheck disable=SC2034 # the caller's, who tells
    lost=yes
    return
  fi
  (cd -- "$1" && setfattr -h --restore="$work/attributes") || note 'some extended attributes were not restored, see above'
}
