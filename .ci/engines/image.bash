# shellcheck shell=bash
# Build an image on a base that may be a stand-in; sourced after common.bash.

# base_of DOCKERFILE: the base image that it names, or BASE; it is here afterwards.
base_of() {
  local base=${BASE:-$(sed -n 's/^ARG BASE=//p' "$1")}
  # shellcheck disable=SC2154 # common.bash sets it
  "$engines/base-image" "$base" >&2
  printf '%s' "$base"
}

# What pip here knows of its index and proxy; a folder of this machine would mean nothing in a build.
pip_settings() {
  printf '[global]\n'
  python3 -m pip config list 2>/dev/null | sed -nE \
    -e "/(index-url|trusted-host|proxy|timeout)=/!d" -e "s/^[^=]*\.([a-z-]+)='(.*)'$/\1 = \2/p"
  [[ ! -s $1 ]] || printf 'cert = /run/secrets/ca\n'
}

# build_image TAG DOCKERFILE BASE [OPTION...]: with the repository's root as context and this checkout's label.
# The network's settings come as secrets, which stay out of every layer.
build_image() (
  tag=$1 dockerfile=$2 base=$3
  shift 3
  stand_in=$(docker image inspect -f '{{index .Config.Labels "six-layers.stand-in"}}' "$base")
  [[ -z $stand_in ]] || set -- --label "six-layers.stand-in=$stand_in" "$@"
  secrets=$(mktemp -d)
  trap 'rm -rf "$secrets"' EXIT
  cp "${PIP_CERT:-${SSL_CERT_FILE:-/dev/null}}" "$secrets/ca"
  pip_settings "$secrets/ca" >"$secrets/pip"
  export DOCKER_BUILDKIT=1
  # shellcheck disable=SC2154 # common.bash sets them
  docker build --progress=plain -f "$dockerfile" -t "$tag" --label "six-layers=$checkout" --build-arg "BASE=$base" \
    --secret "id=pip,src=$secrets/pip" --secret "id=ca,src=$secrets/ca" \
    --label "org.opencontainers.image.base.name=$base" "$@" "$root"
)
