#!/usr/bin/env bash
# The steps of ops backup, in the order of a run. Sourced, never executed.
# They share $work, the run's own directory, and count in $problems what could not be kept as it is.
# shellcheck disable=SC2154,SC2016 # work is the caller's; the children's scripts expand their own variables

# Fields of one entry, before path and link target; tar, stat and others would cost a process a file.
readonly FIELDS='%y %m %U %G %s %T@ %C@ %i %n %b %D'

# scan SOURCE: what is there now, one escaped line an entry, in $work/scan.
scan() {
  find "$1" -xdev -printf "$FIELDS\0%P\0%l\0" 2>"$work/errors" \
    | escape | tr '\0' '\n' | paste - - - >"$work/scan" || true
  complain <"$work/errors"
  [[ -s $work/scan ]] || die "$FAILED" "$1 cannot be read."
}

# complain: each line of standard input is a problem.
complain() {
  local line
  while IFS= read -r line; do
    note "$line"
    problems=$((problems + 1))
  done
}

# previous SOURCE STORE: the manifest of the newest sound snapshot of SOURCE, in $work/previous.
previous() {
  local id
  for id in $(snapshots "$2" | sort -r); do
    if manifest "$2" "$id" "$work/previous" \
      && [[ $(header "$work/previous" source) == "$(printf '%s\0' "$1" | escape | tr -d '\0')" ]]; then
      return
    fi
  done
  : >"$work/previous"
}

# compare: scan and previous manifest to $work/entries.
compare() {
  local line
  : >"$work/mounts" && : >"$work/to_read" && : >"$work/to_ask"
  # Relative names, because -v would interpret backslashes in $work.
  (cd -- "$work" && awk -v to_read=to_read -v to_ask=to_ask -v mounts=mounts -v newest=newest \
    -f "$LIB/awk/time.awk" -f "$LIB/awk/compare.awk" kind=old previous kind=new scan >entries)
  while IFS= read -r line; do note "$line"; done <"$work/mounts"
}

# region: settle
# A change in the same tick of the kernel's clock as the one before leaves the same time. So when a file
# changed less than two ticks (20 ms at 100 Hz) ago, wait: every later change will show.
settle() {
  awk -v now="$EPOCHREALTIME" '{ exit !($1 > now - 0.05 && $1 < now + 1) }' "$work/newest" || return 0
  sleep 0.05
}
# endregion

# read_changed SOURCE STORE: put what is new into $work/out, and complete the entries.
read_changed() {
  dotted <"$work/to_read" >"$work/read"
  : >"$work/new" && : >"$work/hashed" && : >"$work/unsteady"
  [[ -s $work/read ]] || return 0
  settle
  progress "reading $(tr -cd '\0' <"$work/read" | wc -c) files"
  cd -- "$1" || return
  # What cannot be read is named once, by read_unsteady.
  hash_files "$work/to_read" >"$work/hashed" 2>/dev/null
  # The first path of each digest that the store lacks.
  awk -F '\t' '!seen[$1]++' "$work/hashed" | missing_objects "$2" >"$work/new"
  counting 'compressing: content' "$(wc -l <"$work/new")" "$work/out" compress_files "$work/new" "$1"
  xargs -0 -r -a "$work/read" sh -c 'exec find "$@" -maxdepth 0 -printf "$0"' "$FIELDS\0%p\0" 2>/dev/null \
    | escape | tr '\0' '\n' | paste - - | sed 's/\t\.\//\t/' >"$work/again" || true
  (cd -- "$work" && awk -v read_again=unsteady -f "$LIB/awk/time.awk" -f "$LIB/awk/merge.awk" \
    kind=hash hashed kind=again again kind=entry entries >merged)
  mv -- "$work/merged" "$work/entries"
  cd /
}

# read_unsteady SOURCE STORE: what changed while it was read. Drop what was made of it unless it is
# right by chance, and keep a private copy instead, which is one state or a mixture: so it is reported.
read_unsteady() {
  local path sha name size rest
  [[ -s $work/unsteady ]] || return 0
  awk -F '\t' 'NR == FNR { unsteady[$1]; next } $2 in unsteady { printf "%s.zst\0", $1 }' \
    "$work/unsteady" "$work/new" >"$work/suspects"
  check_objects "$work/out" <"$work/suspects" | sed 's/$/.zst/' | (cd -- "$work/out" && xargs -r rm -f --)
  : >"$work/copied"
  while IFS= read -r path; do
    name=$(printf '%s\0' "$path" | unescape | tr '\0' '/')
    name=${name%/}
    if ! cp --sparse=auto -- "$1/$name" "$work/copy" 2>"$work/errors"; then
      [[ ! -r $1/$name ]] || die "$FAILED" "$path could not be copied: $(cat -- "$work/errors")"
      complain <<<"vanished or unreadable: $path"
      continue
    fi
    complain <<<"changed while it was read: $path"
    read -r sha rest < <(sha256sum <"$work/copy")
    size=$(stat -c %s -- "$work/copy")
    [[ -s $2/objects/$sha.zst ]] || zstd -q -f "$work/copy" -o "$work/out/$sha.zst"
    printf '%s\t%s\t%s\n' "$path" "$sha" "$size" >>"$work/copied"
  done <"$work/unsteady"
  awk -f "$LIB/awk/amend.awk" kind=copy "$work/copied" kind=entry "$work/entries" >"$work/merged"
  mv -- "$work/merged" "$work/entries"
}

# attributes SOURCE: complete the entries with extended attributes and ACLs, where they may have changed.
attributes() {
  [[ -s $work/to_ask ]] || return 0
  dotted <"$work/to_ask" >"$work/ask"
  : >"$work/attributes"
  if ! command -v getfattr >/dev/null; then
    note "extended attributes and ACLs are not kept: getfattr is missing. Next: $(install_command attr)"
  else
    # Not security.selinux: labels are policy, and restorecon sets them.
    (cd -- "$1" && xargs -0 -a "$work/ask" getfattr -h -d -e hex \
      -m '^(user\.|trusted\.|system\.posix_acl|security\.capability)' --) >"$work/attributes" 2>/dev/null || true
  fi
  awk -f "$LIB/awk/attributes.awk" kind=attribute "$work/attributes" kind=entry "$work/entries" >"$work/merged"
  mv -- "$work/merged" "$work/entries"
}
