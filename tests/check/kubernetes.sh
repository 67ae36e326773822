#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rendered DaemonSet requests three capabilities and read-only mounts, and nothing else.
. "$(dirname "$0")/files.sh"

command -v kubectl >/dev/null || skip "kubectl is not installed"
command -v jq >/dev/null || skip "jq is not installed"
yaml_to_json='import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))'
rendered=$(kubectl kustomize deploy/kubernetes)
objects=$(python3 -c "$yaml_to_json" <<<"$rendered")

# expect SENTENCE JQ-EXPRESSION: over the pod spec; must be true.
pod=$(jq '.[] | select(.kind == "DaemonSet").spec.template.spec' <<<"$objects")
expect() {
  jq -e "$2" <<<"$pod" >/dev/null || problem "the DaemonSet: $1"
}

expect "is there, with one container" '.containers | length == 1'
expect "drops every capability" '.containers[0].securityContext.capabilities.drop == ["ALL"]'
expect "adds BPF, DAC_READ_SEARCH, PERFMON only" \
  '.containers[0].securityContext.capabilities.add | sort == ["BPF", "DAC_READ_SEARCH", "PERFMON"]'
expect "is not privileged" '[.. | objects | select(.privileged == true)] == []'
expect "cannot gain privileges" '.containers[0].securityContext.allowPrivilegeEscalation == false'
expect "has a read-only root" '.containers[0].securityContext.readOnlyRootFilesystem == true'
expect "has the runtime's seccomp profile" \
  '.containers[0].securityContext.seccompProfile.type == "RuntimeDefault"'
expect "shares none of the host's namespaces" \
  '[.hostPID, .hostNetwork, .hostIPC] | map(select(. == true)) == []'
expect "has no token for the API server" '.automountServiceAccountToken == false'
expect "writes on the host only where its socket, its state and its pins are" '
  (.volumes | map(select(.hostPath) | {(.name): .hostPath.path}) | add) as $host
  | [.containers[0].volumeMounts[] | select($host[.name] and .readOnly != true) | $host[.name]]
  - ["/run/capmon", "/var/lib/capmon", "/sys/fs/bpf"] == []'
expect "mounts every volume it has" \
  '(.volumes | map(.name) | sort) == (.containers[0].volumeMounts | map(.name) | unique)'
expect "asks for memory and has a limit" \
  '.containers[0].resources | .requests.memory != null and .limits.memory != null'
jq -e '[.[] | select(.kind == "Namespace").metadata.name] == ["capmon"]
       and ([.[] | select(.kind == "DaemonSet").metadata.namespace] == ["capmon"])' \
  <<<"$objects" >/dev/null || problem "the DaemonSet is not in the namespace capmon"
finish
