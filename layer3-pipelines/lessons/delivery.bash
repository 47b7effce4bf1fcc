# shellcheck shell=bash
# What the lessons on delivery share beside layer 0's; sourced.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$root/layer0-bash/lessons/lesson.bash"
pipeline=$root/layer3-pipelines/bin/pipeline
python=$root/.run/venv/layerctl/bin/python
export PIPELINE_HOME=${place:?layer0-bash/lessons/lesson.bash sets it}/home PIPELINE_COMMIT=c0ffee
[[ -x $python ]] || {
  echo 'these lessons want the tools of the repository. Next: layer1-env/bootstrap.sh --dev layerctl' >&2
  exit 69
}
export PYTHONPATH=$root/layer3-pipelines:$root/layer2-tooling/layerctl/src pipeline python

# code COMMAND...: its exit code, and nothing of what it says.
code() {
  local code=0
  "$@" >/dev/null 2>&1 || code=$?
  printf '%s\n' "$code"
}

# passed STAGE...: a run in which these stages have passed.
passed() {
  mkdir -p "$PIPELINE_HOME/run"
  "$python" -c '
import sys
from pathlib import Path
from pipeline.state import State, write
image = "registry.invalid/hop:current"
write(Path(sys.argv[1]), State("c0ffee", image_id="sha256:" + "1" * 64, image=image, passed=sys.argv[2:]))' \
    "$PIPELINE_HOME/run/state.json" "$@"
}
