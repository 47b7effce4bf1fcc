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
# shellcheck disable=SC2034 # scripts that source this use them
readonly engines root checkout
# shellcheck source=layer1-env/toolchain.env
source "$root/layer1-env/toolchain.env"
# shellcheck source=.ci/engines/env.bash
source "$engines/env.bash"
# shellcheck source=.ci/engines/debian.bash
source "$engines/debian.bash"
# shellcheck source=.ci/engines/go.bash
source "$engines/go.bash"
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
    # shellcheck disable=SC2024 # the redirections are the shell's on purpose
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
  elif grep -q 'waiting for the kubelet to start' "$2"; then
    # It reads its own address in vain, which the next pattern would take for a download.
    cannot "the node's kubelet did not start ($1), which happens where other clusters use up fs.inotify.max_user_instances" \
      'remove clusters that you do not need (kind get clusters) or raise it with sysctl, then make engines'
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
  local label=$1 log start=$SECONDS code
  shift
  log=$SIX_LAYERS_CACHE/logs/$(tr -c 'a-zA-Z0-9.\n' - <<<"$label").log
  say "  $label ..."
  # Not `"$@" || explain`: there a step inside the command could fail unnoticed.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  code=$?
  set -e
  ((code != 69)) || exit "$code"
  ((code == 0)) || explain "$label" "$log"
  say "  $label: $((SECONDS - start)) s"
}
