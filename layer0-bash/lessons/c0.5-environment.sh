#!/usr/bin/env bash
# Lesson c0.5: environment variables, PATH resolution.
# shellcheck disable=SC2030,SC2031,SC2329 # each subshell has its own PATH, on purpose
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'A variable is the shell'"'"'s; export gives it to children; a child gives nothing back.'
colour=blue
is unset "$(bash -c 'echo "${colour-unset}"')"
export colour
is blue "$(bash -c 'echo "${colour-unset}"')"
bash -c 'colour=green'
is blue "$colour"
is red "$(colour=red bash -c 'echo "$colour"')"

say 'The first directory in PATH wins.'
mkdir one two
for number in one two; do printf '#!/bin/sh\necho %s\n' "$number" >"$number/tool" && chmod +x "$number/tool"; done
is one "$(PATH=$place/one:$place/two:$PATH tool)"
is two "$(PATH=$place/two:$place/one:$PATH tool)"

say 'Before PATH come aliases, functions and builtins. type -a shows all; command skips the first two.'
is function "$(tool() { :; } && type -t tool)"
is one "$(PATH=$place/one:$PATH && tool() { echo function; } && command tool)"

say 'Bash remembers where it found a command. When a better one appears, the memory is old.'
is one "$(PATH=$place/two:$place/one:$PATH && rm two/tool && tool >/dev/null && printf '#!/bin/sh\necho two\n' >two/tool && chmod +x two/tool && tool)"
is two "$(PATH=$place/two:$place/one:$PATH && rm two/tool && tool >/dev/null && printf '#!/bin/sh\necho two\n' >two/tool && chmod +x two/tool && hash -r && tool)"

say 'An empty entry in PATH is the current directory: whoever writes there chooses your commands.'
printf '#!/bin/sh\necho trap\n' >surprise && chmod +x surprise
is trap "$(PATH=:$PATH && surprise)"

say 'When a command does not run: ops why.'
chmod -x one/tool
(PATH=$place/one:$PATH ops why tool || true) | head -n 3
