#!/usr/bin/env bash
# What ops prune keeps, and what it may remove. Sourced, never executed.
# shellcheck disable=SC2154 # work is the caller's

# chosen LAST DAILY WEEKLY MONTHLY: of ids on standard input, newest first, those to keep.
chosen() {
  local id day keep bucket
  local -A room=([last]=$1 [day]=$2 [week]=$3 [month]=$4) seen=()
  while IFS= read -r id; do
    keep=no
    day=${id#*_}
    day=${day%%T*}
    for bucket in "last $id" "day $day" "week $(date -u -d "$day" +%G-%V)" "month ${day:0:6}"; do
      if ((room[${bucket%% *}] > 0)) && [[ -z ${seen[$bucket]:-} ]]; then
        seen[$bucket]=1
        room[${bucket%% *}]=$((room[${bucket%% *}] - 1))
        keep=yes
      fi
    done
    [[ $keep == no ]] || printf '%s\n' "$id"
  done
}

# sound STORE ID: its manifest is, and so is every content it needs.
sound() {
  sound_manifest "$1" "$2" "$work/manifest" || return
  awk -F '\t' '$1 == "f" && !seen[$10]++ { print $10 }' "$work/manifest" >"$work/needed"
  [[ -z $(missing_objects "$1" <"$work/needed") ]] \
    && [[ -z $(sed 's/$/.zst/' "$work/needed" | tr '\n' '\0' | check_objects "$1/objects") ]]
}

# guard STORE: make sure that $work/keep names a sound snapshot, if there is one at all.
guard() {
  local id
  while IFS= read -r id; do
    ! sound "$1" "$id" || return 0
  done <"$work/keep"
  grep -vxFf "$work/keep" "$work/all" >"$work/others" || true
  while IFS= read -r id; do
    if sound "$1" "$id"; then
      note "keeping $id too: none of the others is sound. Next: ops verify $1"
      printf '%s\n' "$id" >>"$work/keep"
      return
    fi
  done <"$work/others"
  die "$FAILED" "no snapshot is sound; nothing was removed. Next: ops verify $1"
}

# sweep STORE: remove objects that no manifest names. What cannot be read could name any of them.
sweep() {
  local id
  for id in $(snapshots "$1"); do
    manifest "$1" "$id" "$work/manifest" || die "$FAILED" "contents were not swept, because $id may need any of them"
    awk -F '\t' '$1 == "f" { print $10 ".zst" }' "$work/manifest"
  done | sort -u >"$work/used"
  find "$1/objects" -maxdepth 1 -name '*.zst' -printf '%f\n' | sort | comm -23 - "$work/used" >"$work/unused"
  (cd -- "$1/objects" && xargs -r -a "$work/unused" rm -f --)
}
