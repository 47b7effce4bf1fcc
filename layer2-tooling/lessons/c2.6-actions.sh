#!/usr/bin/env bash
# Lesson c2.6: when a workflow runs, what a job may do, and what a cache is keyed by.
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer2-tooling/lessons/lesson.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lesson.bash"

need layerctl
python=$venv/layerctl/bin/python
flow=$root/.github/workflows/ci.yml
action=$root/.github/actions/set-up/action.yml
# of FILE EXPRESSION: what a workflow file says, as YAML reads it ("on" is YAML's true).
of() { "$python" -c 'import sys, yaml; d = yaml.safe_load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"; }

say 'Triggers: a pull request, and a push to main. A push to a branch alone starts nothing.'
is "['pull_request', 'push']" "$(of "$flow" 'sorted(d[True])')"
is "{'branches': ['main']}" "$(of "$flow" 'd[True]["push"]')"

say 'A workflow may do nothing; each job asks for what it needs.'
is '{}' "$(of "$flow" 'd["permissions"]')"
is "{'contents': 'read'}" "$(of "$flow" 'd["jobs"]["layer"]["permissions"]')"

say 'One job a layer, from the manifest: the matrix is computed, so no list is kept twice.'
is "$(grep -c '^  *"folder"' <("$root/layer2-tooling/layerctl/layerctl" manifest matrix | jq .))" "$("$root/layer2-tooling/layerctl/layerctl" manifest matrix | jq length)"

say 'A newer commit ends the run of an older one of the same branch.'
is True "$(of "$flow" 'd["concurrency"]["cancel-in-progress"]')"

say 'The cache is keyed by what decides its content: the lock files. Another lock is another key.'
key=$(of "$action" '[s for s in d["runs"]["steps"] if "cache" in s.get("uses", "")][0]["with"]["key"]')
is 1 "$(grep -c 'hashFiles(' <<<"$key")"
hashed() { cat "$root/layer1-env/toolchain.env" "$@" | sha256sum; }
echo 'one==1' >requirements.txt && first=$(hashed requirements.txt)
echo 'one==2' >requirements.txt
is different "$([[ $(hashed requirements.txt) == "$first" ]] && echo same || echo different)"

say 'An action of others is pinned to a commit: a tag can be moved to other code.'
is 0 "$(grep -hE 'uses: [a-z]' "$flow" "$action" | grep -cvE '@[0-9a-f]{40} # v' || true)"
