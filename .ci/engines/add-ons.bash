# shellcheck shell=bash
# What kind's own node image brings, or its registry serves, beyond Kubernetes; sourced by kind-node.

# Official names: a manifest that names them runs on both kinds of node.
# shellcheck disable=SC2034 # kind-node uses them
readonly policies=registry.k8s.io/networking/kube-network-policies:v$NETWORK_POLICIES_VERSION \
  metrics=registry.k8s.io/metrics-server/metrics-server:v$METRICS_SERVER_VERSION

# add_ons DIRECTORY: build them there, in one module with Kubernetes' libraries, so that they share what is compiled.
# DIRECTORY/.. is the module that Kubernetes was built from.
add_ons() (
  mkdir -p "$1"
  cp "$1"/../go.{mod,sum} "$1"
  cd "$1" || return
  go_environment
  go get "sigs.k8s.io/kube-network-policies@v$NETWORK_POLICIES_VERSION" "sigs.k8s.io/metrics-server@v$METRICS_SERVER_VERSION"
  add_on "${policies##*/}" sigs.k8s.io/kube-network-policies/cmd
  add_on "${metrics##*/}" sigs.k8s.io/metrics-server/cmd/metrics-server
)

# add_on NAME:VERSION PACKAGE
add_on() {
  local file=${1/:/-}
  if [[ ! -x $file ]]; then
    nice -n 19 go build -mod=mod -trimpath -buildvcs=false -ldflags '-s -w' -o "$file.new" "$2"
    mv "$file.new" "$file"
  fi
}
