#!/usr/bin/env bash
# Lesson c0.6: Bash syntax, quoting, redirection, pipes.
# shellcheck disable=SC2086,SC2048,SC2016,SC2155,SC2034 # the mistakes are the lesson
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

count() { echo "$#"; }

say 'Without quotes a value is split at spaces, and its stars are file names.'
touch 'a file' b
name='a file'
is 2 "$(count $name)"
is 1 "$(count "$name")"
is 2 "$(star='*' && count $star)"

say '"$@" keeps arguments as they are; $* and "$*" do not.'
set -- 'one word' two
is 2 "$(count "$@")"
is 3 "$(count $*)"
is 1 "$(count "$*")"

say 'A list of arguments is an array, not a string.'
arguments=(-name 'a file')
is './a file' "$(find . "${arguments[@]}")"

say 'Redirections are done from left to right: 2>&1 copies where 1 goes at that moment.'
both() { echo out && echo err >&2; }
is 'err' "$({ both 2>&1 >/dev/null; })"
is '' "$({ both >/dev/null 2>&1; })"

say 'A pipe runs its parts in subshells: what the loop sets is gone afterwards.'
total=0
printf '1\n2\n' | while read -r n; do total=$((total + n)); done
is 0 "$total"
while read -r n; do total=$((total + n)); done < <(printf '1\n2\n')
is 3 "$total"

say 'The exit code of a pipe is that of its last part, unless pipefail says otherwise.'
is 0 "$(set +o pipefail && false | true && echo $?)"
is 1 "$(set -o pipefail && { false | true || echo $?; })"

say '"sort file >file" empties the file first. Write beside it, then rename.'
printf 'b\na\n' >list
sort list >list.new && mv list.new list
is 'a b' "$(paste -s -d ' ' list)"

say 'In a here-document, quotes round the word decide whether variables are expanded.'
is "$(printf '%s' '$name')" "$(
  cat <<'EOF'
$name
EOF
)"
is 'a file' "$(
  cat <<EOF
$name
EOF
)"

say 'local x=$(false) hides the failure, because local itself succeeds. Declare first, then assign.'
is hidden "$(f() { local x=$(false) && echo hidden; } && f)"
is seen "$(f() { local x && x=$(false) || echo seen; } && f)"
