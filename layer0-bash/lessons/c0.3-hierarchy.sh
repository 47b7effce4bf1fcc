#!/usr/bin/env bash
# Lesson c0.3: the file system hierarchy: /bin, /usr, /etc, /var, /home.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'Since the merge of /usr, /bin is a link on Debian, Ubuntu and Fedora; a file there has two names.'
if [[ -L /bin ]]; then is usr/bin "$(readlink /bin | sed 's|^/||')"; else echo 'not merged here (macOS: /bin and /usr/bin are two)'; fi

say 'What belongs where, and one witness of each.'
while read -r directory witness meaning; do
  [[ -e $directory/$witness ]] || {
    echo "no $directory/$witness" >&2
    exit 1
  }
  printf '%-10s %-10s %s\n' "$directory" "$witness" "$meaning"
done <<'END'
/usr/bin env programs of packages; the same on every machine of a kind
/etc passwd this machine's settings: text, worth a backup
/var log what changes while it runs: logs, spools, databases
/tmp . for anyone, until the next start; sticky, see c0.4
/dev null devices
/proc self the kernel's view of processes
END

say 'A home is wherever the account says, not /home by law.'
is "$(awk -F : -v me="$(id -un)" '$1 == me { print $6 }' /etc/passwd)" "$(eval echo "~$(id -un)")"

say 'Which file system is under a path, and where it is mounted.'
df --output=fstype,target "$place" | tail -n 1
