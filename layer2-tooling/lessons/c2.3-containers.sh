#!/usr/bin/env bash
# Lesson c2.3: images, containers, layers, volumes, networks; with hop in them.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

image=$("$root/layer2-tooling/api/image/build" 2>/dev/null | tail -n 1)
label=six-layers=$(printf '%s' "$root" | sha256sum | cut -c1-12)
name=six-layers-lesson-$$
finish() {
  docker ps -aq --filter "name=$name" | xargs -r docker rm -f -v >/dev/null
  docker volume rm -f "$name" >/dev/null
  docker network rm "$name-front" "$name-back" >/dev/null 2>&1 || true
  rm -rf -- "$place"
}
trap finish EXIT
# start NAME OPTION...: hop in a container of that name.
start() { docker run -d --name "$name-$1" --label "$label" -e HOP_TOKEN=lesson "${@:2}" "$image" >/dev/null; }
python() { docker exec "$name-$1" /app/bin/python -c "$2"; }

say 'An image is a stack of layers; a container adds one that goes with it.'
start c --tmpfs /data:uid=65532
start d --tmpfs /data:uid=65532
python c 'open("/data/only-here", "w").write("x")'
is 'True' "$(python c 'import os; print(os.path.exists("/data/only-here"))')"
is 'False' "$(python d 'import os; print(os.path.exists("/data/only-here"))')"

say 'A named volume outlives its containers, and takes its owner from the folder in the image.'
docker volume create --label "$label" "$name" >/dev/null
write='open("/data/kept", "w").write("x"); import os; print(os.stat("/data").st_uid)'
is 65532 "$(docker run --rm --label "$label" -v "$name:/data" --entrypoint /app/bin/python "$image" -c "$write")"
is '["kept"]' "$(docker run --rm --label "$label" -v "$name:/data" --entrypoint /app/bin/python "$image" -c 'import json, os; print(json.dumps(os.listdir("/data")))')"

say 'A bind mount is the host'"'"'s own folder: a change is seen at once, in both directions.'
mkdir shared && chmod 755 shared && echo one >shared/word && chmod 644 shared/word
start e --tmpfs /data:uid=65532 -v "$PWD/shared:/shared:ro"
is one "$(python e 'print(open("/shared/word").read().strip())')"
echo two >shared/word
is two "$(python e 'print(open("/shared/word").read().strip())')"

say 'In a network a container is found by its alias; from another network it is not there at all.'
docker network create --label "$label" "$name-front" >/dev/null
docker network create --label "$label" "$name-back" >/dev/null
docker run --rm --label "$label" -v "$name:/data" "$image" migrate >/dev/null
start hop --network "$name-front" --network-alias shortener -v "$name:/data"
# probe NETWORK: hop's own health check, pointed at the alias.
probe() { code docker run --rm --label "$label" --network "$1" -e HOP_HOST=shortener --entrypoint /app/bin/python "$image" -m hop.health; }
for _ in {1..50}; do [[ $(probe "$name-front") != 0 ]] || break; done
is 0 "$(probe "$name-front")"
is 1 "$(probe "$name-back")"
docker network connect --alias shortener "$name-back" "$name-hop"
is 0 "$(probe "$name-back")"
