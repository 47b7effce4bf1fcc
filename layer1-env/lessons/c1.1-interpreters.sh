#!/usr/bin/env bash
# Lesson c1.1: Python installations, version conflicts.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'An interpreter is a program with a folder of packages of its own. layerctl which-python says which one a name means.'
environment one && environment two
is venv "$(PATH=$place/one/bin:$PATH "$layer/../layer2-tooling/layerctl/layerctl" which-python python | grep -oE 'venv' | head -n 1)"

say 'Two environments, two folders: what one installs the other does not see.'
wheel demo 1.0
install one demo
is 1.0 "$(one/bin/python -c 'import demo; print(demo.VERSION)')"
fails two/bin/python -c 'import demo' | tail -n 1

say 'One environment holds one version of a package. The second installation removes the first.'
wheel demo 2.0
install one demo==2.0
is 2.0 "$(one/bin/python -c 'import demo; print(demo.VERSION)')"
is 1 "$(find one -name 'demo-*.dist-info' | wc -l)"

say 'So two programs that need different versions conflict in one environment, and not in two.'
wheel old 1 'demo<2'
wheel new 1 'demo>=2'
fails install one old new | grep -o 'unsatisfiable' | head -n 1
install one old
install two new
is '1.0 2.0' "$(one/bin/python -c 'import demo; print(demo.VERSION)') $(two/bin/python -c 'import demo; print(demo.VERSION)')"
