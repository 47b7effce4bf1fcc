# shellcheck shell=bash source=/dev/null
# Read by a Bash login shell, instead of ~/.profile when this file exists: so it reads that one itself.
# A login shell does not read ~/.bashrc, which an interactive one needs.

[[ ! -r ~/.profile ]] || source ~/.profile
if [[ $- == *i* && -r ~/.bashrc ]]; then source ~/.bashrc; fi
