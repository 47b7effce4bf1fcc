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
in_batches() { xargs -0 -r -n 256 -P "$(jobs_count)" sh -c "$2" "$1" || true; }

# compress_files LIST DIRECTORY: make $work/out/SHA.zst for "SHA path" lines, paths below DIRECTORY.
compress_files() {
  mkdir -p "$farm" "$work/out"
  # zstd names its output after its input: so give it the contents under their digests. tar makes
  # thousands of links in one process; ln would need one process each.
  from=$2 awk -f "$LIB/awk/tar-header.awk" -f "$LIB/awk/farm.awk" "$1" | tar -x -P -C "$farm" -f -
  # zstd copies mode and owner of its input.
  cut -f 1 -- "$1" | (cd -- "$farm" && tr '\n' '\0' | flag=$(unthreaded) in_batches "$work/out" '
    zstd -q $flag -f -T1 --output-dir-flat "$0" -- "$@"
    cd -- "$0" && printf "%s.zst\0" "$@" | xargs -0 chmod -f 400 --')
  rm -rf -- "$farm"
  ((EUID)) || find "$work/out" ! -uid 0 -exec chown 0:0 {} +
}

# unthreaded: the option without which zstd hands every small read and write to another thread. Old ones lack it.
unthreaded() { if zstd --no-asyncio -qc </dev/null >/dev/null 2>&1; then printf %s --no-asyncio; fi; }

# check_objects DIRECTORY: for NUL-separated names of objects in it, print the damaged ones, a line each.
# Small ones by the batch, through files in $work; the limit stops what inflates to more than 8 MiB.
# Large ones, and all that are not proved whole so, one by one through a pipe, which needs no space.
check_objects() {
  mkdir -p "$work/check"
  tr '\0' '\n' >"$work/asked"
  (
    cd -- "$1" || exit 1
    xargs -r -d '\n' -a "$work/asked" stat -c '%s %n' -- 2>/dev/null | awk '$1 <= 262144 { printf "%s%c", $2, 0 }' \
      | flag=$(unthreaded) hash=$(hasher) xargs -0 -r -n 512 -P "$(jobs_count)" sh -c 'exec 2>/dev/null
        mkdir "$0/$$" || exit 1
        (ulimit -f 8192 && exec zstd $flag -dqf --output-dir-flat "$0/$$" -- "$@")
        cd "$0/$$" && $hash * >>"$0/$$.sums"
        rm -rf -- "$0/$$"' "$work/check" || true
    find "$work/check" -name '*.sums' -exec cat {} + \
      | awk 'FILENAME == "-" { if ($2 == "*" $1) whole[$1 ".zst"]; next } !($0 in whole)' - "$work/asked" \
      | tr '\n' '\0' | xargs -0 -r -n 1 -P "$(jobs_count)" "$BASH" -o pipefail -c '
      # zstd has its say too: its checksum may be what is damaged.
      sum=$(zstd -dcq -- "$1" 2>/dev/null | sha256sum) && [[ $sum == "${1%.zst}  -" ]] || printf "%s\n" "${1%.zst}"' "$BASH" \
      | sort -u
  )
  rm -rf -- "$work/check"
}

# missing_objects STORE: of "SHA ..." lines, those whose object is not in the store, or empty.
missing_objects() {
  cat >"$work/asked"
  cut -f 1 "$work/asked" | sed 's/$/.zst/' \
    | (cd -- "$1/objects" && xargs -r stat -c '%s %n' -- 2>/dev/null || true) \
    | awk 'FILENAME == "-" { if ($1 > 0) there[substr($2, 1, 64)]; next } !($1 in there)' - "$work/asked"
}
