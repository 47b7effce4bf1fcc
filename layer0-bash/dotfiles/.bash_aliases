# shellcheck shell=bash source=/dev/null
# Aliases: short names for people. Scripts never see them; a leading backslash goes round one.

alias ll='ls -lA'
alias la='ls -A'
alias ..='cd ..'
alias grep='grep --color=auto'
# Ask before replacing or removing more than three files.
alias cp='cp -i' mv='mv -i' rm='rm -I'
alias ports='ss -tulpn'
alias path='tr : "\n" <<<"$PATH"'

# mkcd DIRECTORY: a function, because an alias cannot use its argument twice.
mkcd() { mkdir -p -- "$1" && cd -- "$1" || return; }
