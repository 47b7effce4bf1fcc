#!/usr/bin/env bash
# Lesson c0.1: everything is a file: /proc, /dev/tcp, named pipes, deleted but open files.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say '/proc: the kernel answers through files. This shell: its name, its parent, its directory, its open files.'
is bash "$(cat "/proc/$$/comm")"
is "$PPID" "$(awk '/^PPid/ { print $2 }' "/proc/$$/status")"
is "$place" "$(readlink "/proc/$$/cwd")"

say 'A named pipe: a file that holds nothing and joins two processes. Each side waits for the other.'
mkfifo pipe
printf 'through the pipe\n' >pipe &
is 'through the pipe' "$(cat pipe)"
is 0 "$(stat -c %s pipe)"

say 'A deleted file lives as long as somebody has it open; so the disk stays full.'
printf 'still here\n' >big
exec 7<big
rm big
is "$place/big (deleted)" "$(readlink "/proc/$$/fd/7")"
is 'still here' "$(cat "/proc/$$/fd/7")"
exec 7<&-

say 'Devices: one swallows, one gives zeros, one is always full.'
printf 'gone' >/dev/null
is '00 00 00 00' "$(head -c 4 /dev/zero | od -An -tx1 | cut -c 2-)"
# The failure is the point.
is 'refused' "$( (printf x >/dev/full) 2>/dev/null && echo taken || echo refused)"

say 'A socket by a file name: Bash itself understands /dev/tcp. Nobody listens on port 1.'
is 'no answer' "$( (: <>/dev/tcp/127.0.0.1/1) 2>/dev/null && echo answer || echo 'no answer')"
