#!/usr/bin/env bash
# Lesson c1.8: editable installs.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

mkdir -p source/src/tool
project() { printf '[project]\nname = "tool"\nversion = "%s"\n[project.scripts]\n%s\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\npackages = [{ include = "tool", from = "src" }]\n' "$1" "$2" >source/pyproject.toml; }
project 1.0 'tool = "tool:main"'
printf 'def main():\n    print("first")\n' >source/src/tool/__init__.py
environment env
# The build backend lies in the environment of the tools; offline there is no other.
editable() { PYTHONPATH=$("$tools/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') "$uv" pip install --quiet --python env --no-deps --no-build-isolation --editable source; }
editable

say 'An editable install puts no code into the environment, but the path to yours.'
is source/src "$(realpath --relative-to=. "$(cat env/lib/python*/site-packages/tool.pth)")"
is first "$(env/bin/tool)"

say 'So an edit is seen at once.'
sed -i s/first/second/ source/src/tool/__init__.py
is second "$(env/bin/tool)"

say 'Trap 1: what was written at installation is not. The version stays old, a new program does not appear.'
project 2.0 'newer = "tool:main"'
is 1.0 "$(env/bin/python -c 'import importlib.metadata as m; print(m.version("tool"))')"
is absent "$(if [[ ! -e env/bin/newer ]]; then echo absent; fi)"
editable
is 2.0 "$(env/bin/python -c 'import importlib.metadata as m; print(m.version("tool"))')"

say 'Trap 2: a file that you forgot to package works here, and is missing in the wheel.'
printf 'hello\n' >source/greeting.txt
beside='import pathlib, tool; print((pathlib.Path(tool.__file__).parents[2] / "greeting.txt").exists())'
is True "$(env/bin/python -c "$beside")"
"$tools/python" -m build --no-isolation --wheel --outdir built source >/dev/null 2>&1
environment clean && install clean built/*.whl
is False "$(clean/bin/python -c "$beside")"

say 'Trap 3: move the folder, and the environment is broken. layerctl which-python calls it stale-editable.'
mv source moved
fails env/bin/newer | tail -n 1
(PATH=$place/env/bin:$PATH && "$layer/../layer2-tooling/layerctl/layerctl" which-python python || true) | grep -o '^stale-editable' | head -n 1
