#!/usr/bin/env bash
# What the proofs share: a temporary root that goes away, and figures. Sourced.

layer=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly layer
export PATH=$layer/bin:$PATH LC_ALL=C
work=$(mktemp -d)
readonly work
trap 'rm -rf -- "$work"' EXIT
# A command that fails outside `require` must not end the proof without a word.
trap 'printf "proof: line %d of %s failed: %s\n" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

# fact NAME VALUE: a figure for the evidence, on standard output.
fact() { printf '%s\t%s\n' "$1" "$2"; }

# For require: the opposite, and without talk.
fails() { ! "$@" >"$work/talk" 2>&1; }
quietly() { "$@" >/dev/null; }

# require WHAT COMMAND...: stop the proof with what did not hold.
require() {
  local what=$1
  shift
  "$@" || {
    printf 'did not hold: %s (%s)\n' "$what" "$*" >&2
    exit 1
  }
}
