#!/usr/bin/env bash
# Lesson c1.10: reproducibility, hash locking.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer1-env/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

wheel demo 1.0
hash=$(sha256sum wheels/demo-1.0-py3-none-any.whl | cut -d ' ' -f 1)
printf 'demo==1.0\n' >pinned.txt
printf 'demo==1.0 --hash=sha256:%s\n' "$hash" >locked.txt
environment env

say 'A version is a name. Whoever can change the file behind it changes what you run.'
printf 'VERSION = "planted"\n' >demo.py
"$python" -c 'import shutil, zipfile
with zipfile.ZipFile("wheels/demo-1.0-py3-none-any.whl") as old, zipfile.ZipFile("new.whl", "w") as new:
    for name in old.namelist():
        new.writestr(name, open("demo.py").read() if name == "demo/__init__.py" else old.read(name))
shutil.move("new.whl", "wheels/demo-1.0-py3-none-any.whl")'
install env -r pinned.txt
is planted "$(env/bin/python -c 'import demo; print(demo.VERSION)')"

say 'A hash is the file itself. The same installation is refused, with both hashes.'
environment locked
fails "$uv" pip install --no-cache --quiet --python locked --no-index --find-links wheels --require-hashes -r locked.txt \
  | grep -oE 'Hash mismatch|Expected:|Computed:'

say 'With --require-hashes one line without a hash is refused too: a lock is complete, or it is none.'
fails "$uv" pip install --quiet --python locked --no-index --find-links wheels --require-hashes -r pinned.txt | tr '\n' ' ' | grep -o 'must have their versions pinned\|hash' | head -n 1

say 'The other direction: can you make the same file again? With the clock in it, no.'
mkdir -p source/demo && touch source/demo/__init__.py
printf '[project]\nname = "demo"\nversion = "1.0"\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n' >source/pyproject.toml
build() { SOURCE_DATE_EPOCH=$1 "$tools/python" -m build --no-isolation --wheel --outdir "$2" source >/dev/null 2>&1 && sha256sum <"$2"/*.whl; }
is differ "$(if [[ $(build 1700000000 a) != "$(build 1700086400 b)" ]]; then echo differ; fi)"
is alike "$(if [[ $(build 1700000000 c) == "$(build 1700000000 d)" ]]; then echo alike; fi)"
