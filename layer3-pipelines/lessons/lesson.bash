#!/usr/bin/env bash
# What the lessons of this layer share; they need root on a host with systemd, where mistakes cost nothing.

[[ -d /run/systemd/system && $EUID == 0 ]] || {
  printf 'this lesson wants a host of its own with systemd. Next: layer3-pipelines/lessons/run c3.1\n' >&2
  exit 69
}
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/../../layer0-bash/lessons/lesson.bash"

# until_is EXPECTED COMMAND...: wait for it, at most 90 s.
until_is() {
  local wanted=$1 end=$((SECONDS + 90))
  shift
  until [[ $("$@") == "$wanted" ]]; do
    ((SECONDS < end)) || break
    sleep 0.2
  done
  is "$wanted" "$("$@")"
}
