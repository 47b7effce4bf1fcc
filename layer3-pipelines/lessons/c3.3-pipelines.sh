#!/usr/bin/env bash
# Lesson c3.3: GitHub Actions and Azure Pipelines run the same pipeline.
#
# Exit codes: 0 all is as said, 1 something is not, 69 the tools of the repository are missing
set -Eeuo pipefail
shopt -s inherit_errexit
# shellcheck source=layer3-pipelines/lessons/delivery.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/delivery.bash"

github=$root/.github/workflows/deploy.yml
azure=$root/layer3-pipelines/azure-pipelines.yml
# of FILE EXPRESSION: what a definition says, every scalar as a string, as Azure reads it.
of() { "$python" -c 'import sys, yaml; d = yaml.load(open(sys.argv[1]), yaml.BaseLoader); print(eval(sys.argv[2]))' "$@"; }
# differs KIND FILE: how a definition differs from the stages.
differs() {
  "$python" -c '
import sys, yaml
from pipeline import definitions
read = {"github": definitions.github, "azure": definitions.azure}[sys.argv[1]]
print("\n".join(definitions.problems(read(yaml.load(open(sys.argv[2]), yaml.BaseLoader)))) or "no difference")' "$@"
}

say 'Both say when, where and with which rights. What is done stands once, in the stages that both call.'
is 'no difference' "$(differs github "$github")"
is 'no difference' "$(differs azure "$azure")"

say 'A stage that is left out is seen; so is one that calls something else.'
sed '/pipeline scan/,+1d' "$azure" >without.yml
is 'stages are test, build, sign, push, deploy, smoke, promote, rollback; want test, build, scan, sign, push, deploy, smoke, promote, rollback' "$(differs azure without.yml)"
sed 's/pipeline smoke$/pipeline smoke || true/' "$github" >lenient.yml
is "smoke: runs ['layer3-pipelines/bin/pipeline smoke || true']" "$(differs github lenient.yml)"

say 'GitHub has jobs in a workflow, Azure has jobs in stages. Both start each job on another machine.'
is 'build deploy' "$(of "$github" '" ".join(d["jobs"])')"
is 'build deploy' "$(of "$azure" '" ".join(s["stage"] for s in d["stages"])')"

say 'An environment is where somebody approves. In Azure only a deployment job has one.'
is production "$(of "$github" 'd["jobs"]["deploy"]["environment"]')"
is 'production deploy' "$(of "$azure" '(lambda j: j["environment"] + " " + j["deployment"])(d["stages"][1]["jobs"][0])')"

say 'Rights: none for the workflow, each job asks for its own. id-token lets a job prove which workflow it is (OIDC).'
is '{}' "$(of "$github" 'd["permissions"]')"
is 'attestations, contents: read, id-token, packages' "$(of "$github" '", ".join(sorted(k + (": read" if v == "read" else "") for k, v in d["jobs"]["build"]["permissions"].items()))')"

say 'A failed deployment is taken back: by a condition in GitHub, by a hook of the strategy in Azure.'
is "failure() && steps.deploy.outcome != 'skipped'" "$(of "$github" 'd["jobs"]["deploy"]["steps"][-1]["if"]')"
is rollback "$(of "$azure" 'd["stages"][1]["jobs"][0]["strategy"]["runOnce"]["on"]["failure"]["steps"][-1]["displayName"]')"

say 'A trap: for YAML 1.1, on is a truth value. A parser that obeys it loses the key.'
is "['name', True, 'permissions']" "$("$python" -c 'import sys, yaml; print(list(yaml.safe_load(open(sys.argv[1])))[:3])' "$github")"
