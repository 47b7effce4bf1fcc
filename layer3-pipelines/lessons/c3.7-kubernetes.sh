#!/usr/bin/env bash
# Lesson c3.7: pods, deployments, services, configmaps, secrets.
#
# Works in a namespace of its own on the cluster that `make -C layer3-pipelines kind` has brought up,
# and removes it.
#
# Exit codes: 0 all is as said, 1 something is not, 69 there is no such cluster
set -Eeuo pipefail
shopt -s inherit_errexit
lessons=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$lessons/../.." && pwd -P)
readonly lessons root
# shellcheck source=.ci/engines/env.bash
source "$root/.ci/engines/env.bash"
# shellcheck source=layer0-bash/lessons/lesson.bash
source "$root/layer0-bash/lessons/lesson.bash"
# Never the reader's own cluster.
export KUBECONFIG=${SIX_LAYERS_RUN:-$root/.run}/kind/config
namespace=lesson-$$
readonly namespace

k() { kubectl -n "$namespace" "$@"; }

apply() { sed "s|IMAGE|$image|" "$lessons/c3.7/$1.yaml" | k apply -f - >/dev/null; }

# get_page: what the Service answers, asked from inside a pod.
get_page() {
  k exec deployment/page -- /app/bin/python -c \
    'import urllib.request as u; print(u.urlopen("http://page/greeting", timeout=5).read().decode())'
}

ready() { k get deployment page -o jsonpath='{.status.readyReplicas}'; }

image=$(kubectl -n hop get deployment hop -o jsonpath='{.spec.template.spec.containers[0].image}' 2>/dev/null) || {
  echo 'there is no cluster of this checkout with hop on it. Next: make -C layer3-pipelines kind' >&2
  exit 69
}
kubectl create namespace "$namespace" >/dev/null
trap 'kubectl delete namespace "$namespace" --wait=false >/dev/null; rm -rf -- "$place"' EXIT

say 'A ConfigMap holds settings beside the image; a pod sees it as files or variables.'
k create configmap page --from-literal=greeting='hello from a ConfigMap'

say 'A pod is containers that share an address and volumes. It is the smallest thing that runs.'
apply pod
k wait pod/alone --for=condition=Ready --timeout=60s
say 'Nobody makes a deleted pod again.'
k delete pod alone --grace-period=1 >/dev/null
is 0 "$(k get pods --no-headers 2>/dev/null | wc -l)"

say 'A Secret is a ConfigMap with other access rules. Base64 hides nothing from who may read it.'
k create secret generic password --from-literal=password=swordfish
is swordfish "$(k get secret password -o jsonpath='{.data.password}' | base64 -d)"
say 'What protects it: a pod has no right to ask for it. It gets only what is mounted.'
is no "$(k auth can-i get secrets --as "system:serviceaccount:$namespace:default" || true)"

say 'A Deployment keeps a number of pods: a deleted one is replaced.'
apply deployment
k rollout status deployment/page --timeout=60s | tail -n 1
one=$(k get pods -l app=page -o jsonpath='{.items[0].metadata.name}')
k delete pod "$one" >/dev/null
k rollout status deployment/page --timeout=60s >/dev/null
is 2 "$(ready)"
is 0 "$(k get pod "$one" --no-headers 2>/dev/null | wc -l)"

say 'The Secret is a file in it, which only its user reads.'
is swordfish "$(k exec deployment/page -- /app/bin/python -c 'print(open("/run/secrets/page/password").read())')"

say 'A Service is one name for all pods with a label that are ready, however many.'
apply service
until [[ -n $(get_page 2>/dev/null) ]]; do sleep 0.2; done
is 'hello from a ConfigMap' "$(get_page)"
k scale deployment/page --replicas=3
k rollout status deployment/page --timeout=60s >/dev/null
addresses() { k get endpointslices -l kubernetes.io/service-name=page -o jsonpath='{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}' | wc -w; }
until (($(addresses) == 3)); do sleep 0.2; done
is 3 "$(addresses)"

say 'A changed ConfigMap reaches mounted files within a minute, variables never: a restart is sure.'
k create configmap page --from-literal=greeting='hello again' --dry-run=client -o yaml | k apply -f - >/dev/null 2>&1
k rollout restart deployment/page
k rollout status deployment/page --timeout=60s >/dev/null
# The status does not count old pods that still end, and the nodes may still send requests to them.
until (($(k get pods -l app=page --no-headers | wc -l) == 3)); do sleep 0.2; done
until [[ -n $(get_page 2>/dev/null) ]]; do sleep 0.2; done
is 'hello again' "$(get_page)"

say 'A rollout that cannot work keeps the old pods; undo returns to the last template.'
k set image deployment/page page=example.invalid/nothing:1 >/dev/null
is 3 "$(sleep 3 && ready)"
k rollout undo deployment/page
is 3 "$(ready)"
[[ $(k get deployment page -o jsonpath='{.spec.template.spec.containers[0].image}') == "$image" ]]
