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
echo secret >"$work/rendered/splunk-token"
sed "s#/etc/capmon-secrets#$work/rendered#" "$deploy/kubernetes/components/sinks/capmond.yaml" >"$settings"
"$capmond" --config "$settings" --check-config >/dev/null || problem "capmond does not take the example of sinks."

# Pod Security: what prevents `baseline` is what docs/kubernetes.md names, and nothing else.
"$capmon" check -f "$work/rendered/default.yaml" --profiles "$here/../manifests/profiles.yaml" -o json \
  >"$work/rendered/findings" || problem "capmon check finds errors or warnings in our own manifest."
