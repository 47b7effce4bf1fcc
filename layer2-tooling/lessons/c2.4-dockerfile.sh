#!/usr/bin/env bash
# Lesson c2.4: a Dockerfile is a list of steps with a memory; a second stage leaves the tools behind.
# shellcheck disable=SC2016 # the variables are the Dockerfile's
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

label=six-layers=$(printf '%s' "$root" | sha256sum | cut -c1-12)
tag=six-layers/lesson:$$
name=lesson-${place##*.}
base=$(sed -n 's/^ARG BASE=//p' "$root/layer2-tooling/api/Dockerfile")
"$root/.ci/engines/base-image" "$base" >/dev/null 2>&1
finish() {
  docker image ls -q --filter "label=lesson=$name" | sort -u | xargs -r docker rmi -f >/dev/null
  rm -rf -- "$place"
}
trap finish EXIT
export DOCKER_BUILDKIT=1
echo 'left-pad' >requirements.txt
# The name is another each time: what a run before has built must not be found.
echo "print('one')  # $name" >app.py
# cached DOCKERFILE: which of its RUN steps came from the cache.
cached() {
  docker build --progress=plain --label "$label" --label "lesson=$name" -t "$tag" -f "$1" . 2>&1 \
    | awk '/^#[0-9]+ \[.*RUN echo/ {sub(/.*RUN echo /, ""); name[$0] = last = $0; id = ""; next} /CACHED/ && last != "" {printf "%s ", last} {last = ""}'
}

say 'Source first: a changed line of code installs all dependencies again.'
printf 'FROM %s\nCOPY . /app\nRUN echo dependencies && cat /app/requirements.txt\nCMD ["python", "/app/app.py"]\n' "$base" >wrong
cached wrong >/dev/null
echo "print('two')  # $name" >app.py
is '' "$(cached wrong)"

say 'Dependencies first: the same change finds them in the cache.'
printf 'FROM %s\nCOPY requirements.txt /app/\nRUN echo dependencies && cat /app/requirements.txt\nCOPY app.py /app/\nCMD ["python", "/app/app.py"]\n' "$base" >right
cached right >/dev/null
echo "print('three')  # $name" >app.py
is 'dependencies && cat /app/requirements.txt ' "$(cached right)"

say 'What a later step deletes is still in the layer before; a stage of its own never had it.'
printf 'FROM %s\nRUN dd if=/dev/zero of=/big bs=1M count=20 && echo made\nRUN rm /big\n' "$base" >one
printf 'FROM %s AS build\nRUN dd if=/dev/zero of=/big bs=1M count=20 && echo small >/result\nFROM scratch\nCOPY --from=build /result /\n' "$base" >two
docker build -q --label "$label" --label "lesson=$name" -t "$tag-one" -f one . >/dev/null
docker build -q --label "$label" --label "lesson=$name" -t "$tag-two" -f two . >/dev/null
size() { docker image inspect -f '{{.Size}}' "$1"; }
is 1 "$(($(size "$tag-one") >= $(size "$base") + 20000000))"
is 6 "$(size "$tag-two")"

say 'A cache mount keeps downloads between builds, and is in no layer.'
printf 'FROM %s\nARG RUN=1\nRUN --mount=type=cache,id=%s,target=/cache echo "$RUN" >>/cache/builds && wc -l </cache/builds >/seen\nCMD ["sh", "-c", "cat /seen; ls /cache 2>&1 | wc -l"]\n' "$base" "$name" >mount
for run in 1 2; do docker build -q --label "$label" --label "lesson=$name" --build-arg RUN="$run" -t "$tag-mount" -f mount . >/dev/null; done
is '2 0' "$(docker run --rm --label "$label" "$tag-mount" | paste -s -d ' ')"
