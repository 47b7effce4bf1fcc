#!/usr/bin/env bash
# What the lessons share: a place of their own, and checks that stop a lesson whose claim does not hold.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly here
export PATH=$here/bin:$PATH LC_ALL=C
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd -- "$place" || exit 1

say() { printf '\n# %s\n' "$*"; }

# is EXPECTED ACTUAL: print what was found; stop when it is something else.
is() {
  printf '%s\n' "$2"
  [[ $2 == "$1" ]] || {
    printf 'this lesson expected: %s\n' "$1" >&2
    exit 1
  }
}
