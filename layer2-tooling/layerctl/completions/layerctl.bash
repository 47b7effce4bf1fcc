#!/usr/bin/env bash
# Completion of layerctl, and of make in this repository, for Bash: source this file.
#
# Both read the programs' own help, so they are never stale.

_layerctl_program=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/layerctl

_layerctl() {
  local word=${COMP_WORDS[COMP_CWORD]} words
  if ((COMP_CWORD == 1)); then
    words=$("$_layerctl_program" --help | sed -nE 's/^    ([a-z][a-z-]+)( .*)?$/\1/p')
  else
    words=$("$_layerctl_program" "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -e '--[a-z-]+' -e '^  \{[^}]*\}' | tr '{},' '   ')
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
}
complete -F _layerctl layerctl

# Targets that have a line of help; -C DIR is followed.
_make_targets() {
  local folder=. word=${COMP_WORDS[COMP_CWORD]} i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} != -C ]] || folder=${COMP_WORDS[i + 1]}
  done
  mapfile -t COMPREPLY < <(compgen -W "$(sed -nE 's/^([a-z0-9-]+):.*## .*/\1/p' "$folder/Makefile" 2>/dev/null)" -- "$word")
}
complete -o default -F _make_targets make
