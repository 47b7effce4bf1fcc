# shellcheck shell=sh
# Read by a login shell: what every program of the session should have. POSIX sh, because /bin/sh and
# display managers read it too. No output: scp and rsync would take it for their protocol.

umask 027

# region: path
# path_first DIRECTORY: put it in front, once, if it exists. Nested shells read this again.
path_first() {
  [ -d "$1" ] || return 0
  case ":$PATH:" in
    *":$1:"*) ;;
    *) PATH="$1${PATH:+:$PATH}" ;;
  esac
}
path_first "$HOME/bin"
path_first "$HOME/.local/bin"
# endregion
export PATH
unset -f path_first

export EDITOR="${EDITOR:-vi}" PAGER="${PAGER:-less}" LESS="${LESS:--FRX}"
# A server accepts many connections whose clients have locales that it lacks.
export LANG="${LANG:-C.UTF-8}"
