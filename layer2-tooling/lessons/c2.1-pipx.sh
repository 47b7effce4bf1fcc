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
unset PYTHONPATH PYTHONNOUSERSITE
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
    # pip removes what is listed here when another version comes.
    wheel.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*wheel.namelist(), f"{info}/RECORD"]))
PYTHON
}
wheel shared 1 ''
wheel shared 2 ''
wheel old 1 'shared==1'
wheel new 1 'shared==2'
wheel extra 1 ''

say 'Two tools want two versions of one library. "pip install --user" has one place for all: the second breaks the first.'
# Distributions forbid --user to their own Python; an environment that sees the system's still has it.
python3 -m venv --system-site-packages "$place/one"
"$place/one/bin/pip" install -q --user old 2>/dev/null
is 1 "$("$place/user/bin/old")"
"$place/one/bin/pip" install -q --user new 2>/dev/null
is 2 "$("$place/user/bin/old")"

say 'pipx keeps them apart.'
for tool in old new; do "$pipx" install -q --skip-maintenance "$tool" >/dev/null 2>&1; done
is 1 "$("$place/bin/old")"
is 2 "$("$place/bin/new")"

say 'On the PATH lies one link a tool; behind it an environment that nothing else imports from.'
is pipx/venvs/old/bin/old "$(readlink "$place/bin/old" | sed "s#^$place/##")"

say 'runpip looks inside; inject adds a package to one tool and to no other.'
# inside TOOL PACKAGE: its version there.
inside() { "$pipx" runpip "$1" list 2>/dev/null | awk -v name="$2" '$1 == name {print $2}'; }
is 1 "$(inside old shared)"
"$pipx" inject -q old extra >/dev/null 2>&1
is 1 "$(inside old extra)"
is '' "$(inside new extra)"

say 'upgrade takes the newest that may be; uninstall leaves nothing.'
wheel old 2 'shared==2'
"$pipx" upgrade -q old >/dev/null 2>&1
is '2 2' "$(inside old old) $(inside old shared)"
"$pipx" uninstall old >/dev/null 2>&1
is new "$(ls "$place/bin")"
is new "$(ls "$PIPX_HOME/venvs")"
