#!/usr/bin/env bash
# Lesson c2.5: make rebuilds what is older than what it is made from; a wrapper has the manners of a program.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need layerctl
python=$venv/layerctl/bin/python
say 'A rule: target, what it needs, how it is made. A second make does nothing.'
printf 'total: a b\n\tcat a b | wc -l >total\n\techo made >>log\n' >Makefile
echo 1 >a && echo 2 >b
make -s && make -s
is 2 "$(cat total)"
is 1 "$(wc -l <log)"
touch -d '+1 minute' b && make -s
is 2 "$(wc -l <log)"

say 'A target that is no file must say so: where a file of its name lies, make finds nothing to do.'
printf 'clean:\n\trm -f total\n' >Makefile && touch clean
make -s clean
is total "$(ls total)"
printf '.PHONY: clean\nclean:\n\trm -f total\n' >Makefile
make -s clean
is 2 "$(code ls total)"

say 'Each line of a recipe is a shell of its own; make stops at the first that fails, and answers 2.'
printf 'x:\n\tcd /\n\tpwd\n\tfalse\n\ttouch reached\n' >Makefile
is 'not moved' "$([[ $(make -s x 2>/dev/null || true) == "$PWD" ]] && echo 'not moved')"
is 2 "$(code make -s x)"
is 2 "$(code ls reached)"

say 'A wrapper tells programs apart from people: exit codes, JSON, colour only on a terminal.'
layerctl=$root/layer2-tooling/layerctl/layerctl
is 2 "$(code "$layerctl" nonsense)"
is True "$("$layerctl" doctor --json | "$python" -c 'import json, sys; print(isinstance(json.load(sys.stdin), dict))')"
is 0 "$("$layerctl" doctor 2>&1 | grep -c $'\e\[' || true)"
