#!/usr/bin/env bash
# The snapshots of a store and their manifests. Sourced with store.bash, never executed.

# snapshots STORE: ids, oldest first. They begin with a number, so the order survives a wrong clock.
snapshots() {
  find "$1/snapshots" -maxdepth 1 -name '[0-9]*_*.zst' -printf '%f\n' | sed 's/\.zst$//' | sort
}

# resolve STORE ID: print the id of a snapshot; "latest" and unambiguous beginnings are fine.
resolve() {
  local found
  [[ -n $2 ]] || die "$USAGE" "SNAPSHOT is empty; is a variable unset? Next: ops list $1"
  if [[ $2 == latest ]]; then
    found=$(snapshots "$1" | tail -n 1)
  else
    found=$(snapshots "$1" | awk -v want="$2" 'index($0, want) == 1')
  fi
  [[ -n $found ]] || die "$NO_DATA" "no snapshot '$2' in $1. Next: ops list $1"
  [[ $found != *$'\n'* ]] || die "$USAGE" "'$2' fits several snapshots. Next: ops list $1"
  printf '%s' "$found"
}

# manifest STORE ID FILE: put it into FILE if its digest holds; otherwise say so and fail.
manifest() {
  local file=$1/snapshots/$2.zst
  if [[ -L $file ]] || ! zstd -dcq -- "$file" >"$3" 2>/dev/null; then
    note "damaged: $file cannot be decompressed"
    return 1
  fi
  [[ $(sed '$d' "$3" | sha256sum) == "$(sed -n '$s/.*\t//p' "$3")  -" ]] || {
    note "damaged: $file is cut short or changed, its digest differs"
    return 1
  }
}

# sound_manifest STORE ID FILE: the same, and its lines keep the rules. A digest finds damage; only the
# rules find malice, because whoever writes ../../etc/x into a manifest can compute a digest too.
sound_manifest() {
  manifest "$1" "$2" "$3" && awk -v file="$1/snapshots/$2.zst" -v id="$2" -f "$LIB/awk/check.awk" "$3" >&2
}

# header MANIFEST KEY: a value of the manifest's head.
header() { awk -F '\t' -v key="$2" '!/^#/ { exit } $2 == key { print $3; exit }' "$1"; }
