#!/usr/bin/env bash
# Make the Python environments of this repository below .run/, and nothing elsewhere but a download cache.
#
# Usage: layer1-env/bootstrap.sh [--dev] [--check] [PROJECT...]
#        layer1-env/bootstrap.sh --print-python
#
#   PROJECT         slokit, api, etl, layerctl (the default), tools
#   --dev           with what tests and type checks need
#   --check         say what would be done; exit 1 if anything would
#   --print-python  print the interpreter that would be used
#
# Environment:
#   SIX_LAYERS_PYTHON  the interpreter to use
#   SIX_LAYERS_CACHE   where downloads are kept (default ~/.cache/six-layers)
#   HTTPS_PROXY        the proxy that everything is fetched through
#   V=1                show what uv says
#
# Exit codes: 0 ready, 1 failed, 2 usage, 69 no suitable Python, 75 another set-up is running
#
# This file only finds an interpreter; layerctl, which needs nothing installed, does the rest.
# Runs under Bash 3.2, which macOS ships: no inherit_errexit, no associative arrays, no mapfile.
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
readonly here root
# shellcheck source=layer1-env/toolchain.env
source "$here/toolchain.env"

# Prints the real interpreter: a shim or a link in an environment may lead elsewhere tomorrow.
readonly PROBE='import sys, ssl, venv, ensurepip
low, high = [tuple(map(int, v.split("."))) for v in sys.argv[1:]]
if not low <= sys.version_info[:2] <= high: sys.exit(1)
print(getattr(sys, "_base_executable", "") or sys.executable)'

probe() { "$1" -c "$PROBE" "$PYTHON_MIN" "$PYTHON_MAX" 2>/dev/null; }

# why_not PYTHON: one clause about an interpreter that will not do.
why_not() {
  local version
  printf '\n  %s is ' "$1"
  version=$("$1" -c 'import sys; print(sys.version.split()[0])' 2>/dev/null) && [[ -n $version ]] \
    || { printf 'no Python that runs' && return; }
  printf 'Python %s' "$version"
  "$1" -c 'import ssl, venv, ensurepip' 2>/dev/null || printf ', without ssl, venv or ensurepip'
}

find_python() {
  local name path seen=''
  for name in ${SIX_LAYERS_PYTHON:+"$SIX_LAYERS_PYTHON"} \
    python3 python3.13 python3.12 python3.14 python3.11 python; do
    if path=$(command -v "$name" 2>/dev/null); then
      probe "$path" && return
      seen=$seen$(why_not "$path")
    fi
    # A named interpreter that will not do is an error, not a hint.
    [[ $name != "${SIX_LAYERS_PYTHON:-}" ]] || break
  done
  cat >&2 <<EOF
setup: no Python $PYTHON_MIN to $PYTHON_MAX with venv and ensurepip was found.$seen
  Debian, Ubuntu: sudo apt install python3 python3-venv    Fedora: sudo dnf install python3
  macOS: brew install python@3.13    Elsewhere: SIX_LAYERS_PYTHON=/path/to/python3 make setup
EOF
  return 69
}

main() {
  local python
  # The answer is kept, because each probe costs a start of Python.
  python=$(cat "$root/.run/python" 2>/dev/null) || python=''
  if [[ -z $python || ! -x $python || -n ${SIX_LAYERS_PYTHON:-} ]]; then
    python=$(find_python)
  fi
  case ${1:-} in
    -h | --help) sed -n '2,/^# This file/{/^# This file/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}" ;;
    --print-python) printf '%s\n' "$python" ;;
    *) exec env PYTHONPATH="$root/layer2-tooling/layerctl/src" "$python" -m layerctl setup "$@" ;;
  esac
}

main "$@"
