#!/usr/bin/env bash
# Lesson c2.2: a kernel is a process with its own interpreter; the front-end only talks to it.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need workshop
need slokit
export JUPYTER_PATH=$place/jupyter IPYTHONDIR=$place/ipython
python=$venv/workshop/bin/python

# ask EXPRESSION: what it is worth in slokit's kernel; asked through Jupyter's protocol.
ask() {
  "$python" - "$1" <<'PYTHON'
import os, pathlib, sys
from workshop import kernels
kernels.JUPYTER = pathlib.Path(os.environ["JUPYTER_PATH"])
kernels.register()
with kernels.running(kernels.name_of("slokit")) as client:
    reply = client.execute_interactive("", user_expressions={"x": sys.argv[1]}, timeout=60)
    found = reply["content"]["user_expressions"]["x"]
    print(found["data"]["text/plain"] if found["status"] == "ok" else found["ename"])
PYTHON
}

say 'The front-end lives in the environment of the workshop, the kernel in that of slokit.'
is workshop "$("$python" -c 'import sys; print(sys.prefix.rsplit("/", 1)[-1])')"
is "'slokit'" "$(ask '__import__("sys").prefix.rsplit("/", 1)[-1]')"

say 'So a package that is installed beside JupyterLab is not there in the kernel, and the other way round.'
is "'slokit'" "$(ask '__import__("slokit").__name__')"
is ModuleNotFoundError "$(ask '__import__("hop")')"
is 1 "$(code "$python" -c 'import slokit')"

say 'A kernel is registered by one JSON file that names the interpreter.'
first='import json, sys; print(json.load(open(sys.argv[1]))["argv"][0])'
is slokit/bin/python "$("$python" -c "$first" "$place"/jupyter/kernels/*slokit*/kernel.json | sed "s#^$venv/##")"
