#!/usr/bin/env bash
# Lesson c2.1: pipx gives each command-line tool an environment of its own.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need workshop
export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_BUILD_ISOLATION=0
export PIP_FIND_LINKS=$place/wheels
export PIPX_HOME=$place/pipx PIPX_BIN_DIR=$place/bin PIPX_MAN_DIR=$place/man
export PYTHONUSERBASE=$place/user
unset PYTHONPATH
pipx=$venv/workshop/bin/pipx

# wheel NAME VERSION REQUIRES: a package with one command that prints what it imports.
wheel() {
  "$venv/workshop/bin/python" - "$place/wheels" "$@" <<'PYTHON'
import sys, zipfile, pathlib
out, name, version, requires = sys.argv[1:]
info = f"{name}-{version}.dist-info"
lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
lines += [f"Requires-Dist: {requires}\n"] if requires else []
code = f"VERSION = '{version}'\ndef main():\n    import shared\n    print(shared.VERSION)\n"
pathlib.Path(out).mkdir(exist_ok=True)
with zipfile.ZipFile(f"{out}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", code)
    wheel.writestr(f"{info}/METADATA", "".join(lines))
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {name}:main\n")
    wheel.writestr(f"{info}/RECORD", "")
PYTHON
}
wheel shared 1 ''
wheel shared 2 ''
wheel old 1 'shared==1'
wheel new 1 'shared==2'

say 'Two tools want two versions of one library. In one place the second breaks the first:'
python3 -m venv "$place/one"
"$place/one/bin/pip" install -q old
is 1 "$("$place/one/bin/old")"
"$place/one/bin/pip" install -q new 2>/dev/null
is 2 "$("$place/one/bin/old")"
is 1 "$(code "$place/one/bin/pip" check)"

say 'That is also what "pip install --user" does: one place for all. pipx keeps them apart.'
for tool in old new; do "$pipx" install -q --skip-maintenance "$tool" >/dev/null 2>&1; done
is 1 "$("$place/bin/old")"
is 2 "$("$place/bin/new")"

say 'On the PATH lies one link a tool; behind it an environment that nothing else imports from.'
is pipx/venvs/old/bin/old "$(readlink "$place/bin/old" | sed "s#^$place/##")"

say 'runpip looks inside, inject adds, uninstall leaves nothing.'
is 1 "$("$pipx" runpip old list 2>/dev/null | awk '$1 == "shared" {print $2}')"
"$pipx" uninstall old >/dev/null 2>&1
is new "$(ls "$place/bin")"
