# shellcheck shell=bash
# Shared by the engine scripts; sourced, never run.
#
# A script's answer is one line on stdout: what there is now, or why it cannot be (exit 69).
# Everything else it says goes to stderr.
set -Eeuo pipefail
shopt -s inherit_errexit

engines=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$engines/../.." && pwd -P)
# The id that layerctl computes too: the label of all that this checkout creates.
checkout=$(printf '%s' "$root" | sha256sum | cut -c1-12)
readonly engines root checkout
# shellcheck source=layer1-env/toolchain.env
source "$root/layer1-env/toolchain.env"
# shellcheck source=.ci/engines/env.bash
source "$engines/env.bash"
mkdir -p "$SIX_LAYERS_CACHE"/{bin,logs}
# Inside $(...) stdout is somebody's variable; the answer must get past it.
exec 3>&1

say() { printf '%s\n' "$*" >&2; }

# answer TEXT: what this engine is now.
answer() { printf '%s\n' "$*" >&3; }

# cannot CAUSE NEXT: this machine does not allow it; NEXT is the command to type.
cannot() {
  printf 'because %s. Next: %s\n' "$1" "$2" >&3
  exit 69
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    command -v sudo >/dev/null || cannot "root is needed for '$1'" 'run it as root'
    # A password can be asked for only where somebody sits.
    sudo ${SUDO_ASKPASS:+-A} -v 2>/dev/null </dev/tty || sudo -n true 2>/dev/null \
      || cannot "root is needed for '$1'" 'sudo -v, then make engines'
    sudo "$@"
  fi
}

# room GB DIRECTORY: stop early where the disk is too small.
room() {
  local free
  free=$(df -Pk "$2" | awk 'END {print int($4 / 1000000)}')
  ((free >= $1)) || cannot "$2 has $free GB free and $1 are needed" "free some space, then make engines"
}

# explain LABEL LOG: turn the log of a failed step into a cause and a next command.
explain() {
  if grep -qiE 'no space left|disk quota' "$2"; then
    cannot "the disk is full ($1)" 'free some space, then make engines'
  elif grep -qiE 'could not resolve|no such host|failed to fetch|connection (refused|timed out)|i/o timeout|unable to (fetch|locate)|tls: |forbidden' "$2"; then
    tail -n 5 "$2" >&2
    cannot "a download was refused ($1)" 'check the network, HTTPS_PROXY, GOPROXY and apt sources, then make engines'
  fi
  tail -n 15 "$2" >&2
  say "failed: $1. Log: $2"
  exit 1
}

# timed LABEL COMMAND...: run into a log; print the seconds.
timed() {
  local label=$1 log start=$SECONDS
  shift
  log=$SIX_LAYERS_CACHE/logs/$(tr -c 'a-zA-Z0-9.\n' - <<<"$label").log
  say "  $label ..."
  "$@" >"$log" 2>&1 || explain "$label" "$log"
  say "  $label: $((SECONDS - start)) s"
}

# packages NAME...: have these Debian packages, without starting a service of theirs.
packages() {
  local missing=() name
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null) == ii* ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || cannot "this is neither Debian nor Ubuntu" "install ${missing[*]} by other means"
  say "  Debian packages to be installed: ${missing[*]}"
  room 3 /var
  timed "install ${missing[*]:0:3}" install_packages "${missing[@]}"
}

install_packages() {
  local policy=/usr/sbin/policy-rc.d made=''
  # Packages of servers start them on the standard ports; ours choose free ports and run on demand.
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=yes
  fi
  local code=0
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "$@"; } || code=$?
  [[ -z $made ]] || as_root rm -f "$policy"
  return "$code"
}

# go_tool NAME PACKAGE VERSION [VERSION-VARIABLE]: build a Go command once.
go_tool() {
  local file=$SIX_LAYERS_CACHE/bin/$1-$3
  if [[ ! -x $file ]]; then
    command -v go >/dev/null || cannot "there is no Go to build $1 with" 'install Go (go.dev/doc/install), then make engines'
    room 4 "$SIX_LAYERS_CACHE"
    timed "build $1 $3" go_build "$file" "$2" "v$3" "${4:-}"
  fi
  ln -sfn "$1-$3" "$SIX_LAYERS_CACHE/bin/$1"
}

# go_build FILE PACKAGE VERSION VERSION-VARIABLE
# A module of our own requires it, because `go install` refuses a module with replace or exclude lines.
# Static, so that it also runs in an image FROM scratch.
go_build() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  export GOPATH=$SIX_LAYERS_CACHE/go GOCACHE=$SIX_LAYERS_CACHE/go-build GOFLAGS=-modcacherw CGO_ENABLED=0
  go mod init example.invalid/tool
  go get "$2@$3"
  nice -n 19 go build -trimpath -buildvcs=false -ldflags "-s -w${4:+ -X $4=$3}" -o "$1.new" "$2"
  mv "$1.new" "$1"
)
