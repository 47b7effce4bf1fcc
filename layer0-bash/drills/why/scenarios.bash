#!/usr/bin/env bash
# One function a scenario: each leaves "greet" broken in its own way. Sourced by lab.
# They start from $lab/bin/greet, a copy of bash, on PATH by $lab/env.sh.
# shellcheck disable=SC2154,SC2016 # lab is the caller's; PATH is for env.sh to expand

script() { printf '%b' "$1" >"$lab/bin/greet" && chmod +x "$lab/bin/greet"; }
setting() { printf '%s\n' "$1" >>"$lab/env.sh"; }

break_path_missing() { mkdir -p "$lab/opt/bin" && mv "$lab/bin/greet" "$lab/opt/bin/"; }
break_shadowed() {
  mkdir -p "$lab/old" && printf '#!/gone/sh\n' >"$lab/old/greet" && chmod +x "$lab/old/greet"
  setting "export PATH=$(printf %q "$lab/old"):\$PATH"
}
break_not_executable() { chmod -x "$lab/bin/greet"; }
break_bad_interpreter() { script '#!/opt/gone/sh\necho hello\n'; }
break_crlf() { script '#!/bin/sh\r\necho hello\r\n'; }
break_env_interpreter() { script '#!/usr/bin/env greet-interpreter-9\necho hello\n'; }
break_missing_library() { sed -i 's/libc\.so\.6/libX.so.6/g' "$lab/bin/greet"; }
break_wrong_architecture() {
  # EM_S390 (22): of another machine than any that this runs on.
  printf '\0\026' | dd of="$lab/bin/greet" bs=1 seek=18 conv=notrunc status=none
}
break_missing_loader() { sed -i -E 's#(/lib[0-9]*/ld-[-a-z0-9_]*\.so\.)[0-9]#\19#g' "$lab/bin/greet"; }
break_directory_permission() { chmod 000 "$lab/bin"; }
break_dangling_link() { mv "$lab/bin/greet" "$lab/greet-2" && ln -s greet-1 "$lab/bin/greet"; }
break_hash() { setting "hash -p $(printf %q "$lab/moved/greet") greet"; }
break_alias() { setting "alias greet='greet --no-such-option'"; }
break_function() { setting 'greet() { echo goodbye; }'; }
break_locale() {
  script '#!/bin/sh\nLC_ALL= LANG="$LANG" locale charmap 2>&1 | grep -q "UTF-8" && echo hello\n'
  # Python sets LC_CTYPE for its children where no locale is set, and that outranks LANG.
  setting 'export LC_ALL= LC_CTYPE= LANG=xx_YY.UTF-8'
}
break_noexec() {
  mount -t tmpfs -o noexec,size=4m tmpfs "$lab/bin" 2>/dev/null || {
    printf 'noexec needs the right to mount; run as root\n' >&2
    return 69
  }
  cp -- "$BASH" "$lab/bin/greet"
}
break_empty() { : >"$lab/bin/greet"; }
