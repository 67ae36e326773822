#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# manifests.sh CAPMOND CAPMON WORK: the overlays, components and the chart of deploy/, rendered into WORK
# and checked there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deploy=$(realpath "$here/../../deploy")
capmond=$(realpath "$1") capmon=$(realpath "$2") work=$3
. "$here/../npm_packages.sh"
# shellcheck source=tools.sh
. "$here/tools.sh"
npm_packages "$here" "$work"
kubernetes_tools "$(dirname "$capmond")/../kubernetes-tools"
work=$(realpath "$work")
problem() {
  echo "$*" >&2
  exit 1
}

"$helm" lint --quiet --strict "$deploy/helm/capmon" || problem "helm lint finds something."
cp "$here"/*.mjs "$here"/*.schema.json "$work/"
rm -rf "$work/rendered" && mkdir "$work/rendered"
(cd "$work" && for tests in rendered pods values; do
  node "$tests.test.mjs" "$kubectl" "$helm" "$deploy" "$work"
done)

# The example of sinks is what capmond takes, as soon as the secret is there.
settings=$work/rendered/capmond.yaml
(umask 077 && echo secret >"$work/rendered/splunk-token")
sed "s#/etc/capmon-secrets#$work/rendered#" "$deploy/kubernetes/components/sinks/capmond.yaml" >"$settings"
"$capmond" --config "$settings" --check-config >/dev/null || problem "capmond does not take the example of sinks."

# Pod Security: host directories and three capabilities, or SELinux's type, prevent `baseline`, and nothing
# else: without them the pod meets it.
level() {
  "$capmon" check -f "$1" --profiles "$here/../manifests/profiles.yaml" -o json >"$work/findings" ||
    problem "capmon check finds errors or warnings in $1."
  jq -r '[.files[].containers[].pod_security] | unique | join(" ")' "$work/findings"
}
for manifest in "$work"/rendered/*.yaml; do
  [[ $manifest != */capmond.yaml && $manifest != */values.yaml ]] || continue
  [[ $(level "$manifest") == privileged ]] || problem "$manifest meets a stricter level than its namespace."
  python3 - "$manifest" "$work/without.yaml" <<'PYTHON'
import sys, yaml
with open(sys.argv[1]) as file:
    pods = [one["spec"]["template"]["spec"] for one in yaml.safe_load_all(file) if one["kind"] == "DaemonSet"]
for pod in pods:
    pod["volumes"] = [{"name": one["name"], "emptyDir": {}} for one in pod["volumes"]]
    for container in pod["containers"] + pod.get("initContainers", []):
        del container["securityContext"]["capabilities"]["add"]
        container["securityContext"].pop("seLinuxOptions", None)
with open(sys.argv[2], "w") as file:
    yaml.dump_all([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "capmond"}, "spec": pod} for pod in pods], file)
PYTHON
  [[ $(level "$work/without.yaml") == baseline ]] || problem "$manifest: more than that prevents baseline."
done
