# shellcheck shell=bash
# Where the engines' programs are: `source .ci/engines/env.bash` to type what `make engines` made possible.
export SIX_LAYERS_CACHE=${SIX_LAYERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/six-layers}
[[ :$PATH: == *":$SIX_LAYERS_CACHE/bin:"* ]] || export PATH=$SIX_LAYERS_CACHE/bin:$PATH
# Only where Compose or BuildKit had to be built: Docker looks for plug-ins below its configuration.
[[ ! -d $SIX_LAYERS_CACHE/docker || -e $HOME/.docker/config.json ]] || export DOCKER_CONFIG=${DOCKER_CONFIG:-$SIX_LAYERS_CACHE/docker}
# kind's cluster has a file of its own, so that nobody's ~/.kube/config is written to.
six_layers_run=${SIX_LAYERS_RUN:-$(dirname "${BASH_SOURCE[0]}")/../../.run}
[[ ! -e $six_layers_run/kind/config ]] || export KUBECONFIG=${KUBECONFIG:-$six_layers_run/kind/config}
