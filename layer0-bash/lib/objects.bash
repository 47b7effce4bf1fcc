#!/usr/bin/env bash
# Contents in the store: hash, compress and check them in batches. Sourced, never executed.
# Each works below $work, a directory of this run. Batches of one process each, because starting one
# process a file would cost more than reading it.
# shellcheck disable=SC2154,SC2016 # work is the caller's; the children's scripts expand their own variables

# hash_files LIST: "SHA path" lines, tab-separated and escaped, for NUL-separated paths in LIST.
# What cannot be read is missing from the output; sha256sum says why on standard error.
hash_files() {
  mkdir "$work/sums"
  xargs -0 -r -a "$1" -n 256 -P "$(jobs_count)" \
    sh -c 'exec sha256sum -z -- "$@" >>"$0/$$"' "$work/sums" || true
  # The length of a digest is fixed, so its end needs no separator that a name could hold.
  find "$work/sums" -type f -exec cat {} + | escape | tr '\0' '\n' | sed 's/^\(.\{64\}\)..\.\//\1\t/'
}

# compress_files LIST DIRECTORY: make $work/out/SHA.zst for "SHA path" lines, paths below DIRECTORY.
compress_files() {
  mkdir -p "$work/in" "$work/out"
  # zstd names its output after its input: so give it the contents under their digests. tar makes
  # thousands of links in one process; ln would need one process each.
  from=$2 awk -f "$LIB/awk/tar-header.awk" -f "$LIB/awk/farm.awk" "$1" | tar -x -P -C "$work/in" -f -
  find "$work/in" -type l -print0 \
    | xargs -0 -r -n 256 -P "$(jobs_count)" zstd -q -f -T1 --output-dir-flat "$work/out" -- || true
  # zstd copies mode and owner of its input.
  find "$work/out" -type f -exec chmod 400 {} +
  ((EUID)) || find "$work/out" ! -uid 0 -exec chown 0:0 {} +
}

# check_objects DIRECTORY: for NUL-separated names of objects in it, print the damaged ones, a line each.
# Small ones by the batch, through files in $work; the limit stops what inflates to more than 8 MiB.
# Large ones, and all that failed, one by one through a pipe, which needs no space.
check_objects() {
  mkdir -p "$work/check"
  (
    cd -- "$1" || exit 1
    xargs -0 -r stat -c '%s %n' -- 2>/dev/null | awk -v large="$work/doubtful" '
      BEGIN { printf "" >large }
      $1 > 262144 { print $2 >large; next }
      { printf "%s%c", $2, 0 }' \
      | xargs -0 -r -n 512 -P "$(jobs_count)" "$BASH" -c '
      exec 2>/dev/null
      mkdir "$0/$$" || exit 1
      (ulimit -f 8192 && exec zstd -dqf --output-dir-flat "$0/$$" -- "$@")
      cd "$0/$$" || exit 1
      # A good one is named twice, by the list and by its digest; "uniq -u" leaves the others.
      {
        printf "%s\n" "${@%.zst}"
        sha256sum -- * | awk "\$1 == \$2 { print \$2 }"
      } | sort | uniq -u >"$0/$$.bad"
      rm -rf -- "$0/$$"' "$work/check" || true
    {
      cat "$work/doubtful"
      find "$work/check" -name '*.bad' -exec sed 's/$/.zst/' {} +
    } | tr '\n' '\0' | xargs -0 -r -n 1 -P "$(jobs_count)" "$BASH" -o pipefail -c '
      # zstd has its say too: its checksum may be what is damaged.
      sum=$(zstd -dcq -- "$1" 2>/dev/null | sha256sum) && [[ $sum == "${1%.zst}  -" ]] || printf "%s\n" "${1%.zst}"' "$BASH" \
      | sort -u
  )
  rm -rf -- "$work/check"
}

# missing_objects STORE: of "SHA ..." lines, those whose object is not in the store.
missing_objects() {
  local sha rest
  while IFS=$'\t' read -r sha rest; do
    [[ -s $1/objects/$sha.zst ]] || printf '%s\t%s\n' "$sha" "$rest"
  done
}
