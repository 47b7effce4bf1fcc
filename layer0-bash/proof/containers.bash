#!/usr/bin/env bash
# Two containers of one image, without a network, for the proofs of ops system. Sourced after common.bash.
# shellcheck disable=SC2154 # work and layer are common.bash's

# shellcheck source=layer1-env/toolchain.env
source "$layer/../layer1-env/toolchain.env"

docker version >/dev/null 2>&1 || {
  printf 'skipped: no Docker engine answers. Next: make engines ENGINE=docker\n' >&2
  exit 69
}
checkout=$(printf '%s' "$(cd "$layer/.." && pwd -P)" | sha256sum | cut -c 1-12)
readonly checkout
one=six-layers-ops-one-$checkout-$$ two=six-layers-ops-two-$checkout-$$
trap 'docker rm -f "$one" "$two" >/dev/null 2>&1 || true; rm -rf -- "$work"' EXIT

# start_both BASE DOCKERFILE TAG: build and start. BASE may be a stand-in, which the label says.
start_both() {
  local name image=six-layers/$3:$checkout
  "$layer/../.ci/engines/base-image" "$1" >"$work/base" || {
    printf 'skipped: %s\n' "$(cat -- "$work/base")" >&2
    exit 69
  }
  fact root "$(cat -- "$work/base")"
  docker build -q --build-arg "BASE=$1" --label "six-layers=$checkout" -t "$image" -f "$layer/examples/system/$2" \
    "$layer/examples/system" >/dev/null 2>"$work/talk" || {
    cat -- "$work/talk" >&2
    exit 1
  }
  mkdir "$work/shared"
  for name in "$one" "$two"; do
    # The same host name, and no network: so /etc/hosts is the same too, and nothing comes from elsewhere.
    docker run -d --name "$name" --label "six-layers=$checkout" --network none --hostname lab \
      -v "$(cd "$layer" && pwd -P):/ops:ro" -v "$work/shared:/shared" "$image" >/dev/null
  done
}
first() { docker exec "$one" "$@"; }
second() { docker exec "$two" "$@"; }

# differences FILE: of what a restore is for; mounts and kernel counters are each container's own.
differences() { grep -cE '^(etc|packages|selection|users|groups|cron|units) ' "$1" || true; }
