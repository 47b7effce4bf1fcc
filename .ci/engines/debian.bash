# shellcheck shell=bash
# Debian packages and what they bring; sourced by common.bash.

# has PROGRAM...: every one is there; `command -v` alone is content with any.
has() {
  local name
  for name in "$@"; do
    PATH=$PATH:/usr/sbin type -P "$name" >/dev/null || return 1
  done
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
