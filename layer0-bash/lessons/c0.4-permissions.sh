#!/usr/bin/env bash
# Lesson c0.4: permissions, ownership, chmod, chown, sudo.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'umask takes bits away from what a program asks for: 666 for files, 777 for directories.'
(umask 027 && : >file && mkdir directory)
is '640 750' "$(stat -c %a file directory | paste -s -d ' ')"

say 'On a directory, x means: go through; r means: list. With x only, a known name opens.'
mkdir box && printf 'secret name\n' >box/known && chmod 311 box
try() { if ((EUID)); then "$@"; else setpriv --bounding-set '-dac_override,-dac_read_search' "$@"; fi; }
is 'secret name' "$(try cat box/known)"
is 'cannot list' "$(try ls box 2>/dev/null || echo 'cannot list')"

say 'setgid on a directory: what is made in it gets its group, not the maker'"'"'s.'
mkdir shared && chmod 2775 shared
if ((EUID == 0)); then
  chgrp 4242 shared && : >shared/file
  is 4242 "$(stat -c %g shared/file)"
else
  is "$(stat -c %g shared)" "$(: >shared/file && stat -c %g shared/file)"
fi

say 'sticky, as on /tmp: in a directory for all, only its owner removes a file.'
is 1777 "$(stat -c %a /tmp)"
if ((EUID == 0)); then
  mkdir common && chmod 1777 common && : >common/of-root && chmod 755 .
  is refused "$(setpriv --reuid 65534 --regid 65534 --clear-groups rm -f common/of-root 2>/dev/null && echo removed || echo refused)"
  # Control: without the bit, the same rm works.
  chmod 0777 common
  is removed "$(setpriv --reuid 65534 --regid 65534 --clear-groups rm -f common/of-root 2>/dev/null && echo removed || echo refused)"
else
  echo '(as root, this lesson also shows that another user cannot remove it)'
fi

say 'sudo: a rule for one command with fixed arguments, checked before it is put in place.'
cat >hop-restart <<'SUDO'
# Members of hop-operators may restart hop, nothing else: no wildcard, no editor, no shell.
%hop-operators ALL = (root) NOPASSWD: /usr/bin/systemctl restart hop.service
SUDO
visudo=$(command -v visudo || echo /usr/sbin/visudo)
if [[ -x $visudo ]]; then
  chmod 440 hop-restart
  is 'hop-restart: parsed OK' "$("$visudo" -c -f hop-restart)"
  sed 's/NOPASSWD:/NOPASSWD/' hop-restart >broken && chmod 440 broken
  is 'refused' "$("$visudo" -c -q -f broken >/dev/null 2>&1 && echo taken || echo refused)"
  echo 'install: sudo install -m 440 hop-restart /etc/sudoers.d/'
else
  echo 'visudo is missing. Next: apt-get install sudo'
fi
