#!/usr/bin/env bash
# Lesson c3.5: what a pipeline keeps, what it may forget, and what it must never tell.
#
# Exit codes: 0 all is as said, 1 something is not, 69 the tools of the repository are missing
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/delivery.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/delivery.bash"

say 'An artifact is what a later stage needs: without it the run cannot go on, so it is handed over and kept.'
passed test build scan
echo '{"components": []}' >"$PIPELINE_HOME/run/sbom.cdx.json"
is 0 "$(code "$pipeline" sign)"
is 'sbom.cdx.json state.json statement.json statement.json.sig' "$(cd "$PIPELINE_HOME/run" && printf '%s\n' * | paste -sd ' ')"

say 'Who signed it can be checked anywhere, with the public key alone. One byte more, and it is refused.'
# verified: the exit code of asking who signed the statement.
verified() {
  (cd "$PIPELINE_HOME/run" && ssh-keygen -Y verify -f ../keys/allowed_signers -I pipeline -n six-layers-delivery -s statement.json.sig <statement.json >/dev/null 2>&1) && echo 0 || echo 1
}
is 0 "$(verified)"
echo >>"$PIPELINE_HOME/run/statement.json"
is 1 "$(verified)"

say 'A cache is what can be made again: its key is a digest of all that decides its content.'
# key FILE: what a cache of the packages in a lock would be stored under.
key() { sha256sum <"$1" | cut -c1-12; }
cp "$root/layer2-tooling/api/requirements.txt" lock
first=$(key lock)
is same "$([[ $(key lock) == "$first" ]] && echo same || echo another)"
sed -i '1s/==/==9./' lock
is another "$([[ $(key lock) == "$first" ]] && echo same || echo another)"

say 'A secret is a file that only its owner reads. The pipeline refuses a key that others could read.'
passed test build scan
chmod 644 "$PIPELINE_HOME/keys/signing"
is 77 "$(code "$pipeline" sign)"
chmod 600 "$PIPELINE_HOME/keys/signing"
is 0 "$(code "$pipeline" sign)"

# arguments PROCESS: what every user can read of it, once it is the program that we asked for.
arguments() {
  until tr '\0' '\n' <"/proc/$1/cmdline" | grep 'time.sleep' >/dev/null; do sleep 0.05; done
  tr '\0' '\n' <"/proc/$1/cmdline"
}

say 'Never an argument: every user of the machine reads those of every process.'
"$python" -c 'import time; time.sleep(60)' swordfish >/dev/null &
shown=$!
is 1 "$(arguments "$shown" | grep -c swordfish)"
kill "$shown"

say 'By standard input or by the name of a file, nothing is there to be read.'
"$python" -c 'import sys, time; sys.stdin.read(); time.sleep(60)' <<<swordfish >/dev/null &
hidden=$!
is 0 "$(arguments "$hidden" | grep -c swordfish || true)"
kill "$hidden"

say 'And never in what is kept: no line of the private key is in any file of the run.'
is 0 "$(sed '1d;$d' "$PIPELINE_HOME/keys/signing" | grep -rcFf - "$PIPELINE_HOME/run" | awk -F: '{n += $2} END {print n}')"
