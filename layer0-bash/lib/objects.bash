#!/usr/bin/env bash
# Contents in the store: hash, compress and check them in batches. Sourced, never executed.
# Each works below $work, a directory of this run. Batches of one process each, because starting one
# process a file would cost more than reading it.
# shellcheck disable=SC2154,SC2016 # work is the caller's; the children's scripts expand their own variables

# region: hash
# hasher: what prints "SHA *NAME". openssl uses the processor's instructions for SHA-256, which the
# coreutils of some systems do not: a quarter of the time.
hasher() { if command -v openssl >/dev/null; then printf 'openssl dgst -sha256 -r'; else printf 'sha256sum -b'; fi; }

# hash_files LIST: "SHA path" lines, tab-separated, for the escaped paths in LIST, below here.
# What cannot be read is missing from the output; the hashing program says why on standard error.
hash_files() {
  rm -rf -- "$work/sums" && mkdir "$work/sums"
  # openssl writes names as they are, so odd ones, which have a backslash here, are left to sha256sum.
  { grep -v '[\]' -- "$1" || true; } | dotted | in_batches "$work/sums" "exec $(hasher) \"\$@\" >>\"\$0/\$\$.lines\""
  { grep '[\]' -- "$1" || true; } | dotted | in_batches "$work/sums" 'exec sha256sum -b -z -- "$@" >>"$0/$$.records"'
  {
    find "$work/sums" -name '*.lines' -exec cat {} +
    find "$work/sums" -name '*.records' -exec cat {} + | escape | tr '\0' '\n'
  } | sed 's/ \*\.\//\t/'
}
# endregion

# dotted: escaped lines to NUL-separated ./paths, which no program takes for an option.
dotted() { tr '\n' '\0' | unescape | sed -z 's/^/.\//'; }

# in_batches DIRECTORY SCRIPT: a shell with SCRIPT for each batch of NUL-separated paths; $0 is DIRECTORY.
# What fails has said so, and shows by its absence.
in_batches() { xargs -0 -r -n 1024 -P "$(jobs_count)" sh -c "$2" "$1" || true; }

# compress_files LIST DIRECTORY: make $work/out/SHA.zst for "SHA path" lines, paths below DIRECTORY.
compress_files() {
  local flusher
  mkdir -p "$farm" "$work/out"
  # zstd names its output after its input: so give it the contents under their digests. tar makes
  # thousands of links in one process; ln would need one process each.
  from=$2 awk -f "$LIB/awk/tar-header.awk" -f "$LIB/awk/farm.awk" "$1" | tar -x -P -C "$farm" -f -
  flush_early >/dev/null 2>&1 8>&- 9>&- &
  flusher=$!
  # zstd copies mode and owner of its input.
  cut -f 1 -- "$1" | (cd -- "$farm" && tr '\n' '\0' | flag=$(unthreaded) in_batches "$work/out" '
    zstd -q $flag -f -T1 --output-dir-flat "$0" -- "$@"
    cd -- "$0" && printf "%s.zst\0" "$@" | xargs -0 chmod -f 400 --')
  kill "$flusher" 2>/dev/null || true
  wait "$flusher" 2>/dev/null || true
  rm -rf -- "$farm"
  ((EUID)) || find "$work/out" ! -uid 0 -exec chown 0:0 {} +
}

# flush_early: the disk works while the processors do; otherwise it would begin when they are done. Ends with this run.
flush_early() {
  while sleep 0.3 && kill -0 $$ 2>/dev/null; do sync -f "$work" 2>/dev/null || return; done
}

# unthreaded: the option without which zstd hands every small read and write to another thread. Old ones lack it.
unthreaded() { if zstd --no-asyncio -qc </dev/null >/dev/null 2>&1; then printf %s --no-asyncio; fi; }

# check_objects DIRECTORY: for NUL-separated names of objects in it, print the damaged ones, a line each.
# Three ways, each for what the one before did not prove whole: a stream, batches, one by one.
check_objects() {
  mkdir -p "$work/check"
  tr '\0' '\n' >"$work/asked"
  (
    cd -- "$1" || exit 1
    check_by_stream
    unproved | check_by_batch
    unproved | check_one_by_one | sort -u
  )
  rm -rf -- "$work/check"
}

# unproved: of the names in $work/asked, those that no list $work/check/*.whole has.
unproved() {
  find "$work/check" -name '*.whole' -exec cat {} + \
    | awk 'FILENAME == "-" { whole[$1]; next } !($0 in whole)' - "$work/asked"
}

# check_by_stream: those whose sizes are in $work/sizes, without a file for each; needs Python.
check_by_stream() {
  [[ -s $work/sizes ]] && command -v python3 >/dev/null || return 0
  awk 'NR == FNR { size[$1] = $2; next } $0 in size { print $0, size[$0] }' "$work/sizes" "$work/asked" >"$work/known"
  split -n "l/$(jobs_count)" -- "$work/known" "$work/check/part."
  find "$work/check" -name 'part.*' -print0 | flag=$(unthreaded) xargs -0 -r -n 1 -P "$(jobs_count)" "$BASH" -o pipefail -c '
    cut -d " " -f 1 "$1" | xargs -r zstd $flag -dcq -- 2>/dev/null | python3 -I -S "$0" "$1" && mv "$1" "$1.whole"' \
    "$LIB/hash-stream.py" || true
}

# check_by_batch: small ones, through files in $work; the limit stops what inflates to more than 8 MiB.
check_by_batch() {
  xargs -r -d '\n' stat -c '%s %n' -- 2>/dev/null | awk '$1 <= 262144 { printf "%s%c", $2, 0 }' \
    | flag=$(unthreaded) hash=$(hasher) xargs -0 -r -n 512 -P "$(jobs_count)" sh -c 'exec 2>/dev/null
      mkdir "$0/$$" || exit 1
      (ulimit -f 8192 && exec zstd $flag -dqf --output-dir-flat "$0/$$" -- "$@")
      cd "$0/$$" && $hash * | sed -n "s/^\(.*\) \*\1$/\1.zst/p" >>"$0/$$.whole"
      rm -rf -- "$0/$$"' "$work/check" || true
}

# check_one_by_one: the large, and all that failed, through a pipe, which needs no space; print the damaged.
check_one_by_one() {
  tr '\n' '\0' | xargs -0 -r -n 1 -P "$(jobs_count)" "$BASH" -o pipefail -c '
    # zstd has its say too: its checksum may be what is damaged.
    sum=$(zstd -dcq -- "$1" 2>/dev/null | sha256sum) && [[ $sum == "${1%.zst}  -" ]] || printf "%s\n" "${1%.zst}"' "$BASH"
}

# missing_objects STORE: of "SHA ..." lines, those whose object is not in the store, or empty.
missing_objects() {
  cat >"$work/asked"
  cut -f 1 "$work/asked" | sed 's/$/.zst/' \
    | (cd -- "$1/objects" && xargs -r stat -c '%s %n' -- 2>/dev/null || true) \
    | awk 'FILENAME == "-" { if ($1 > 0) there[substr($2, 1, 64)]; next } !($1 in there)' - "$work/asked"
}
