#!/usr/bin/env bash
# The questions of ops why. Each prints what it finds by "found". Sourced, never executed.

# found CAUSE EVIDENCE REPAIR
found() {
  printf '%s: %s\n    repair: %s\n' "$1" "$2" "$3"
  causes=$((causes + 1))
}

quoted() { printf '%q' "$1"; }

# look_path: what is wrong with PATH itself.
look_path() {
  local entry
  local -a entries
  IFS=: read -r -a entries <<<"${PATH-}"
  for entry in "${entries[@]}"; do
    case $entry in
      '~'*) note "note: PATH holds $entry, a ~ that was quoted: bash expands it, other programs do not" ;;
      '' | [!/]*) note "note: PATH holds '${entry}', which means another directory wherever you are" ;;
      *) ;;
    esac
  done
}

# look_shell TYPE HASHED COMMAND FIRST: what the shell has in front of PATH.
look_shell() {
  local command
  command=$(quoted "$3")
  case $1 in
    alias) found alias "the shell replaces $3 by an alias" "unalias $command    (once: \\$command)" ;;
    function) found function "the shell has a function $3" "unset -f $command    (once: command $command)" ;;
    *) ;;
  esac
  if [[ -n $2 && $2 != "$4" ]]; then
    found hash "the shell remembers $2, PATH now leads to ${4:-nothing}" "hash -d $command"
  fi
}

# look_way FILE: a directory on the way that we may not enter. Says no and fails if there is one.
look_way() {
  local part='' way=$1
  while [[ $way == */* ]]; do
    part=$part${way%%/*}/
    way=${way#*/}
    if [[ -d $part && ! -x $part ]]; then
      found directory-permission "$part has mode $(stat -c %a -- "$part"), $(id -un) may not go through it" "chmod a+x $(quoted "$part")"
      return 1
    fi
  done
}

# look_locale: a locale that is not installed turns into warnings, or into other output.
look_locale() {
  local set=${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} name known
  known=$(locale -a 2>/dev/null | tr '[:upper:]' '[:lower:]' | tr -d -)
  name=$(printf '%s' "$set" | tr '[:upper:]' '[:lower:]' | tr -d -)
  grep -qxF -- "$name" <<<"$known"$'\nc\nposix' || found locale "the locale $set is not installed" 'export LC_ALL=C.UTF-8'
}
