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
is layer2-tooling "$("$root/layer2-tooling/layerctl/layerctl" manifest matrix | "$python" -c 'import json, sys; print(*[j["folder"] for j in json.load(sys.stdin) if j["layer"] == 2])')"
# shellcheck disable=SC2016 # the expression is GitHub's
is '${{ fromJSON(needs.plan.outputs.layers) }}' "$(of "$flow" 'd["jobs"]["layer"]["strategy"]["matrix"]["include"]')"

say 'A newer commit ends the run of an older one of the same branch.'
is True "$(of "$flow" 'd["concurrency"]["cancel-in-progress"]')"

say 'The cache is keyed by what decides its content, the locks and the tools, and by no line of code.'
key=$(of "$action" '[s for s in d["runs"]["steps"] if "cache" in s.get("uses", "")][0]["with"]["key"]')
# The patterns between hashFiles' brackets, asked of git: a change of which file makes another key?
read -ra patterns < <(sed -E "s/.*hashFiles\('([^)]*)'\).*/\1/; s/', '/ /g" <<<"$key")
decides() { git -C "$root" ls-files "${patterns[@]/#/:(glob)}"; }
is layer2-tooling/api/requirements.txt "$(decides | grep '^layer2-tooling/api/requirements.txt')"
is layer1-env/toolchain.env "$(decides | grep toolchain)"
is 0 "$(decides | grep -c '\.py$' || true)"

say 'An action of others is pinned to a commit: a tag can be moved to other code.'
is 0 "$(grep -hE 'uses: [a-z]' "$flow" "$action" | grep -cvE '@[0-9a-f]{40} # v' || true)"
