#!/usr/bin/env bash
# Lesson c0.8: packages: apt, dnf and brew side by side, and what the one here answers.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'The same questions to three package managers. Those that change something need root, except brew.'
column -t -s '|' <<'END'
question|apt (Debian, Ubuntu)|dnf (Fedora)|brew (macOS, Linux)
refresh the lists|apt-get update|(by itself)|brew update
install|apt-get install jq|dnf install jq|brew install jq
remove|apt-get remove jq|dnf remove jq|brew uninstall jq
upgrade all|apt-get upgrade|dnf upgrade|brew upgrade
search|apt-cache search jq|dnf search jq|brew search jq
about it|apt-cache show jq|dnf info jq|brew info jq
files of a package|dpkg -L jq|rpm -ql jq|brew list jq
whose file is it|dpkg -S /usr/bin/env|rpm -qf /usr/bin/env|brew which-formula jq
asked for by hand|apt-mark showmanual|dnf repoquery --userinstalled|brew leaves
changed since|dpkg -V jq|rpm -V jq|brew missing
hold a version|apt-mark hold jq|dnf versionlock add jq|brew pin jq
END

say 'Whose is this file? Asked here.'
if command -v dpkg >/dev/null; then
  # Since the merge of /usr a package may have listed a file by its other name.
  is coreutils "$({ dpkg -S /usr/bin/env || dpkg -S /bin/env; } 2>/dev/null | cut -d : -f 1)"
  is 'install ok installed' "$(dpkg-query -W -f '${Status}' bash)"
  say 'Has anything of it been changed? dpkg -V prints nothing when not; a 5 marks another content.'
  dpkg -V coreutils || true
  say 'Newer than? Versions have their own order: 1.10 is after 1.9, 2.0~rc1 before 2.0.'
  is yes "$(dpkg --compare-versions 1.10 gt 1.9 && echo yes)"
  is yes "$(dpkg --compare-versions 2.0~rc1 lt 2.0 && echo yes)"
  say 'What would an installation do? -s only says so, and needs no root.'
  apt-get -s install coreutils 2>/dev/null | tail -n 1 || true
elif command -v rpm >/dev/null; then
  is coreutils "$(rpm -qf --queryformat '%{NAME}' /usr/bin/env)"
elif command -v brew >/dev/null; then
  brew leaves | head -n 3
fi
