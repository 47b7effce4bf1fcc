#!/usr/bin/env bash
# Completion of ops for Bash: source this file, or link it as
# ~/.local/share/bash-completion/completions/ops. Reads the commands' own help, so it is never stale.

_ops() {
  local word=${COMP_WORDS[COMP_CWORD]} words=''
  if ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == help ]]; then
    words="help $(ops help --names)"
  elif [[ $word == -* ]]; then
    words=$(ops help "${COMP_WORDS[1]}" 2>/dev/null | grep -o -e '--[a-z-]*')
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
}
complete -o filenames -F _ops ops

# ops why needs what only this shell knows.
ops() {
  if [[ ${1:-} == why && $# -eq 2 && $2 != -* ]]; then
    command ops why "$2" --type "$(type -t -- "$2")" --hashed "$(hash -t -- "$2" 2>/dev/null)"
  else
    command ops "$@"
  fi
}
