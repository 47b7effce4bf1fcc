# shellcheck shell=bash
# A base image made by debootstrap, where no registry answers; sourced by base-image.
readonly ubuntu_script=/usr/share/debootstrap/scripts/gutsy

# The mirror that this host's apt uses, so that no address is written down here.
debian_mirror() {
  local uri
  uri=$(apt-get download --print-uris bash | cut -d"'" -f2)
  printf '%s' "${uri%%/pool/*}"
}

# Ubuntu's own, as debootstrap names it.
ubuntu_mirror() { sed -n 's/.*default_mirror \(.*archive.*\)/\1/p' "$ubuntu_script"; }

# suite_of TAG: the release that a tag names; Ubuntu's tags are numbers.
suite_of() {
  case $1 in
    ubuntu:24.04) printf noble ;;
    # What its stand-in is made of.
    fedora:*) printf trixie ;;
    *) grep -oE 'bookworm|trixie' <<<"$1" || true ;;
  esac
}

# ubuntu_keyring FOLDER: print the file with Ubuntu's keys. Debian has no package of them, so the one that is
# fetched is held to its hash; the key in it that signs is F6EC B376 2474 EDA9 D21B 7022 8719 20D1 991B C93C.
ubuntu_keyring() {
  local deb=ubuntu-keyring_${UBUNTU_KEYRING_VERSION}_all.deb
  curl -fsS -o "$1/keys.deb" "$(ubuntu_mirror)/pool/main/u/ubuntu-keyring/$deb" \
    || cannot "neither a registry nor Ubuntu's mirror answers" "docker pull $tag, where a registry can be reached"
  sha256sum --status -c - <<<"$UBUNTU_KEYRING_SHA256  $1/keys.deb" || {
    say "$deb does not have the hash in layer1-env/toolchain.env, so nothing that it signs is trusted."
    exit 1
  }
  dpkg-deb -x "$1/keys.deb" "$1/keys"
  printf '%s' "$1/keys/usr/share/keyrings/ubuntu-archive-keyring.gpg"
}

# fedora_like TAG: no mirror of Fedora's is asked. Debian has dnf and rpm, so its packages are given the shape.
fedora_like() {
  local base container=six-layers-fedora-like-$checkout-$$
  # Suites that run side by side ask for it at the same moment.
  exec 9>"$SIX_LAYERS_CACHE/fedora-like.lock"
  flock 9
  ! docker image inspect "$1" >/dev/null 2>&1 || return 0
  base=$(sed -n 's/^ARG BASE=//p' "$root/.devcontainer/Dockerfile")
  "$engines/base-image" "$base" >&2
  # shellcheck disable=SC2064 # the value of today
  trap "docker rm -f '$container' >/dev/null 2>&1 || true" EXIT
  timed "$1 from Debian packages" docker run --name "$container" --label "six-layers=$checkout" \
    -v "$engines/fedora-like:/mnt:ro" "$base" /mnt/convert "${1#*:}"
  docker export "$container" | docker import -c 'ENV PATH=/usr/local/bin:/usr/bin' \
    -c 'CMD ["/bin/bash"]' -c 'LABEL six-layers.stand-in=yes' - "$1" >/dev/null
  docker rm "$container" >/dev/null
}

# stand_in TAG SUITE [PACKAGE...]
stand_in() {
  local tag=$1 suite=$2 work list options=() mirror=() keys
  shift 2
  [[ $tag != fedora:* ]] || { fedora_like "$tag" && return; }
  packages debootstrap
  room 3 /tmp
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the value of today
  trap "rm -rf '$work'" EXIT
  list=$(IFS=, && printf 'ca-certificates,%s' "$*")
  mirror=("$(debian_mirror)")
  if [[ $tag == ubuntu:* ]]; then
    keys=$(ubuntu_keyring "$work")
    options=(--keyring "$keys")
    mirror=("$(ubuntu_mirror)" "$ubuntu_script")
  fi
  timed "debootstrap $tag" as_root debootstrap --variant=minbase --include="${list%,}" \
    "${options[@]}" "$suite" "$work/tree" "${mirror[@]}"
  # Where Ubuntu has python3-venv; the official image knows it too.
  [[ $tag != ubuntu:* ]] || as_root sed -i 's/ main$/ main universe/' "$work/tree/etc/apt/sources.list"
  # pip and uv must work inside builds where a company's proxy signs everything.
  as_root cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$work/tree/etc/ssl/certs/ca-certificates.crt"
  [[ ! -e $work/tree/usr/bin/python3 ]] || as_root ln -sfn /usr/bin/python3 "$work/tree/usr/local/bin/python"
  # As in the official images: what apt downloads and computes stays in no layer.
  as_root tee "$work/tree/etc/apt/apt.conf.d/docker-clean" >/dev/null <<'EOF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
EOF
  as_root rm -rf "$work"/tree/var/cache/apt/* "$work"/tree/var/lib/apt/lists/*
  # Not our checkout's label: every image built on it would inherit that, and `make clean` would take it.
  as_root tar -C "$work/tree" -c . | docker import \
    -c 'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt' \
    -c 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin' \
    -c "LABEL six-layers.stand-in=yes" - "$tag" >/dev/null
  as_root rm -rf "$work"
}
