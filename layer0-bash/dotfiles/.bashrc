# shellcheck shell=bash source=/dev/null
# Read by an interactive shell, and on Debian by "ssh host command" too, which must get no output:
# hence the first line. What programs need, not people, belongs into ~/.profile.

[[ $- == *i* ]] || return 0

# History: every shell adds to it, none overwrites it; a leading space keeps a line out.
HISTCONTROL=ignoreboth
HISTSIZE=10000 HISTFILESIZE=20000 HISTTIMEFORMAT='%F %T '
shopt -s histappend checkwinsize globstar

# The exit code of the last command when it is not 0, then user, host and place.
__last_code() {
  local code=$?
  ((code == 0)) || printf '[%d] ' "$code"
}
PS1='$(__last_code)\u@\h:\w\$ '

# "noclobber": > refuses to empty a file that exists; >| means it.
set -o noclobber

[[ ! -r ~/.bash_aliases ]] || source ~/.bash_aliases
for __file in /usr/share/bash-completion/bash_completion /opt/homebrew/etc/profile.d/bash_completion.sh; do
  [[ ! -r $__file ]] || { source "$__file" && break; }
done
unset __file
