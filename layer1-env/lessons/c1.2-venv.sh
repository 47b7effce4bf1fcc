#!/usr/bin/env bash
# Lesson c1.2: venv, virtualenv.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'A venv is a folder: a link to an interpreter, a text file, and an empty place for packages.'
"$python" -m venv --without-pip made
is home "$(grep -o '^home' made/pyvenv.cfg)"
is link "$(if [[ -L made/bin/python ]]; then echo link; fi)"

say 'The interpreter finds pyvenv.cfg beside itself, and moves its prefix there. Nothing is activated.'
is made "$(made/bin/python -c 'import os, sys; print(os.path.basename(sys.prefix))')"
is True "$(made/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)')"

say 'The standard library is not copied: it stays where the interpreter is.'
is False "$(made/bin/python -c 'import os, sys; print(os.__file__.startswith(sys.prefix))')"

say 'virtualenv makes the same thing, older and faster: pip comes from wheels that it carries.'
# Its periodic update is a process in the background that asks the network and outlives this lesson.
"$tools/virtualenv" --quiet --no-periodic-update --python "$python" other
is yes "$(if [[ -f other/pyvenv.cfg && -x other/bin/pip ]]; then echo yes; fi)"

say 'It cannot be moved: the first line of each script is an absolute path.'
mv other elsewhere
fails elsewhere/bin/pip --version >/dev/null
is pip "$(elsewhere/bin/python -m pip --version | cut -d ' ' -f 1)"

say 'Removing it is removing the folder.'
rm -r made elsewhere
