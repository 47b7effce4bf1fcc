#!/usr/bin/env bash
# Lesson c1.4: wheels, source distributions.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

say 'A wheel is a zip file that is unpacked; its name says who may: Python, ABI, platform.'
wheel demo 1.0
is 4 "$("$python" -m zipfile -l wheels/demo-1.0-py3-none-any.whl | grep -c demo)"
environment env
install env wheels/demo-1.0-py3-none-any.whl
is 1.0 "$(env/bin/python -c 'import demo; print(demo.VERSION)')"

say 'An interpreter has a list of tags that it takes, the best first. py3-none-any is near the end.'
"$tools/python" -c 'from packaging.tags import sys_tags; tags = [str(t) for t in sys_tags()]; print(tags[0], "...", tags.index("py3-none-any") < len(tags))'

say 'A wheel for another platform is refused before anything is unpacked.'
cp wheels/demo-1.0-py3-none-any.whl demo-1.0-cp311-cp311-win_amd64.whl
fails install env ./demo-1.0-cp311-cp311-win_amd64.whl | tr '\n' ' ' | grep -o 'win_amd64' | head -n 1

say 'An sdist is the source. It must be built first, and that runs code of the package.'
mkdir -p source/src/tool
printf '[project]\nname = "tool"\nversion = "1.0"\nrequires-python = ">=3.11"\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\npackages = [{ include = "tool", from = "src" }]\n' >source/pyproject.toml
touch source/src/tool/__init__.py
"$tools/python" -m build --no-isolation --outdir built source >/dev/null 2>&1
is 'tool-1.0-py3-none-any.whl tool-1.0.tar.gz' "$(find built -type f -printf '%f\n' | sort | paste -s -d ' ')"

say 'What is in one and not in the other: pyproject.toml is for building, so the wheel has none.'
is 1 "$(tar tf built/tool-1.0.tar.gz | grep -c 'pyproject.toml')"
is 0 "$("$python" -m zipfile -l built/tool-1.0-py3-none-any.whl | grep -c 'pyproject.toml' || true)"
