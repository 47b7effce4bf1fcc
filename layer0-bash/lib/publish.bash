#!/usr/bin/env bash
# The end of ops backup: a manifest, then into the store, and a report. Sourced, never executed.
# shellcheck disable=SC2154 # work is the caller's

# build SOURCE STORE ID: all of a snapshot in $work, nothing of it in the store yet.
build() {
  local rest
  progress "reading the tree"
  scan "$1"
  previous "$1" "$2"
  compare
  read_changed "$1" "$2"
  read_unsteady "$1" "$2"
  attributes "$1"
  # A full disk shows here: zstd has said so already.
  awk -F '\t' 'NR == FNR { new[$1]; next } $10 in new { print $10 "\t" $11 }' "$work/hashed" "$work/entries" >"$work/needed"
  { find "$work/out" -type f -size +0 -printf '%f\n' 2>/dev/null || true; } \
    | awk -F '\t' 'FILENAME == "-" { there[$1]; next } !(($1 ".zst") in there)' - "$work/needed" \
    | missing_objects "$2" >"$work/lost"
  if IFS=$'\t' read -r _ rest <"$work/lost"; then die "$FAILED" "$rest was not written; is the disk full?"; fi
  {
    printf '#\tops-snapshot\t1\n#\tid\t%s\n#\thost\t%s\n#\tsource\t' "$3" "$(uname -n)"
    printf '%s\0' "$1" | escape | tr '\0' '\n'
    cat "$work/entries"
  } >"$work/manifest"
  rest=$(sha256sum <"$work/manifest")
  printf '#\tend\t%d\t%s\n' "$(grep -vc '^#' "$work/manifest")" "${rest%% *}" >>"$work/manifest"
  zstd -q "$work/manifest" -o "$work/manifest.zst" || die "$FAILED" 'the manifest was not written; is the disk full?'
  chmod 400 "$work/manifest.zst"
}

# region: publish
# publish STORE ID: objects first, manifest last, each flushed before the next step relies on it.
publish() {
  local objects=("$work"/out/*)
  progress 'flushing to disk'
  if [[ -e ${objects[0]} ]]; then
    sync -f "$work"
    find "$work/out" -type f -exec mv -t "$1/objects" -- {} +
    sync "$1/objects"
  fi
  sync "$work/manifest.zst"
  mv -n -- "$work/manifest.zst" "$1/snapshots/$2.zst"
  [[ ! -e $work/manifest.zst ]] || die "$FAILED" "snapshot $2 exists already. Run it again."
  sync "$1/snapshots"
}
# endregion

# report ID: name what only has a name, and print the figures.
report() {
  local line
  progress ''
  while IFS= read -r line; do note "$line"; done < <(awk -F '\t' '
    BEGIN { word["p"] = "FIFO"; word["s"] = "socket"; word["b"] = "block device"; word["c"] = "character device" }
    $1 ~ /[psbcD]/ { print "named, content not kept: " word[$1] " " $11 }' "$work/entries")
  awk -F '\t' -v id="$1" -v read_files="$(tr -cd '\0' <"$work/read" | wc -c)" -v new="$(wc -l <"$work/new")" '
    { entries++ } $1 == "f" { files++; bytes += $5 }
    END { printf "%s: %d entries, %d files, %d bytes; %d read, %d new\n", id, entries, files, bytes, read_files, new }
  ' "$work/entries"
}
