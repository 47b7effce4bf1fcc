#!/usr/bin/env bash
# The questions of ops why to one file. Sourced after why.bash, never executed.

# region: script
# look_script FILE: its first line.
look_script() {
  local line interpreter rest
  IFS= read -r line <"$1" || true
  interpreter=${line#'#!'}
  if [[ $interpreter == *$'\r' ]]; then
    found crlf "the first line of $1 ends in a carriage return, so the interpreter would be ${interpreter%$'\r'}\\r" "sed -i 's/\\r\$//' $(quoted "$1")"
    return
  fi
  read -r interpreter rest <<<"$interpreter"
  if [[ ! -e $interpreter ]]; then
    found bad-interpreter "$1 wants $interpreter, which does not exist" "sed -i '1s|.*|#!$(command -v "${interpreter##*/}" || printf '/usr/bin/env %s' "${interpreter##*/}")|' $(quoted "$1")"
  elif [[ ! -x $interpreter ]]; then
    found bad-interpreter "$1 wants $interpreter, which is not executable" "chmod +x $(quoted "$interpreter")"
  elif [[ ${interpreter##*/} == env ]]; then
    rest=${rest#-S }
    rest=${rest%% *}
    command -v -- "$rest" >/dev/null || found env-interpreter "$1 wants $rest by way of env, and PATH has no $rest" "install $rest, or add its directory to PATH"
  fi
}
# endregion

# look_binary FILE: its machine, its loader, its libraries.
look_binary() {
  local here there loader missing
  there=$(od -An -tu2 -j 18 -N 2 -- "$1" | tr -d ' ')
  here=$(od -An -tu2 -j 18 -N 2 -- "/proc/$$/exe" | tr -d ' ')
  if [[ $there != "$here" ]]; then
    found wrong-architecture "$1 is built for machine $there of the ELF list, this one ($(uname -m)) is $here" "install the build for $(uname -m)"
    return
  fi
  loader=$(grep -a -o -m 1 '/lib[0-9]*/ld-[-a-z0-9_]*\.so\.[0-9]*' -- "$1" | head -n 1 || true)
  if [[ -n $loader && ! -e $loader ]]; then
    found missing-loader "$1 wants the loader $loader, which does not exist: built for another system" "install the build for this system"
    return
  fi
  # ldd starts the loader; so only here, after the file has turned out to be of this machine.
  missing=$(ldd -- "$1" 2>/dev/null | sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p' | paste -s -d ' ')
  [[ -z $missing ]] || found missing-library "$1 wants $missing, which the loader does not find" "install the package that has it, or set LD_LIBRARY_PATH to its directory"
}

# look_file FILE: is this one able to run? Counts causes.
look_file() {
  local magic options
  if [[ -L $1 && ! -e $1 ]]; then
    look_way "$(readlink -f -- "$(dirname -- "$1")")/x" || return 0
    found dangling-link "$1 leads to $(readlink -- "$1"), which does not exist" "ln -sfn TARGET $(quoted "$1")"
    return
  fi
  if [[ -d $1 ]]; then
    found directory "$1 is a directory, which nothing can run" "name a program in it: ls $(quoted "$1")"
    return
  fi
  # First: the kernel calls nothing there executable, whatever its mode.
  options=$(findmnt -n -o OPTIONS -T "$1" 2>/dev/null || true)
  if [[ ,$options, == *,noexec,* ]]; then
    found noexec "$1 lies on $(findmnt -n -o TARGET -T "$1"), mounted noexec" "move it elsewhere, or as root: mount -o remount,exec $(findmnt -n -o TARGET -T "$1")"
    return
  fi
  if [[ ! -x $1 ]]; then
    found not-executable "$1 has mode $(stat -L -c %a -- "$1")" "chmod +x $(quoted "$1")"
    return
  fi
  magic=$(head -c 4 -- "$1" 2>/dev/null | od -An -tx1 | tr -d ' \n')
  case $magic in
    7f454c46) look_binary "$1" ;;
    2321*) look_script "$1" ;;
    '') found empty "$1 is empty or cannot be read" "install it again" ;;
    *) note "note: $1 has no #! line; a shell runs it with sh, other programs cannot" ;;
  esac
}
