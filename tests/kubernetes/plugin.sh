#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# plugin.sh [WORK]: deploy/kubectl/kubectl-capmon, with a kubectl that answers like the real one: a real cluster cannot
# run here. With WORK, also by the real kubectl, which finds the plugin on the PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
plugin=$(realpath "$here/../../deploy/kubectl/kubectl-capmon")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export FAKE_LOG=$scratch/log PATH=$here/fake:$PATH
passed=0 failed=0

# case_of CODE OUT ERR ARGUMENT...: the exit code, the whole of standard output, a part of standard error.
case_of() {
  local code=$1 out=$2 err=$3 got=0
  shift 3
  "$plugin" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
  if [[ $got == "$code" && $(<"$scratch/out") == "$out" && $(<"$scratch/err") == *"$err"* &&
    ($code == 0 || -n $err || -n $out) && $(<"$scratch/err") != *"the fake kubectl does not know"* ]]; then
    passed=$((passed + 1))
    return
  fi
  failed=$((failed + 1))
  printf 'FAILED kubectl capmon %s\n  exit code %s\n%s\n%s\n' "$*" $got "$(<"$scratch/out")" "$(<"$scratch/err")"
}
A='capmond-aaaaa -c capmond -- capmon' B='capmond-bbbbb -c capmond -- capmon'

# One that runs on two nodes is asked for on both, and each answer has its node.
case_of 0 "$A profile shop/deploy/web
$B profile shop/deploy/web" 'node node-1:
node node-2:' profile deploy/web -n shop
case_of 0 "$A profile shop/deploy/web/nginx --as k8s" '' -n shop profile deploy/web/nginx --as k8s --node node-1
case_of 0 "$B explain shop/web-1/nginx NET_RAW" '' explain pod/web-1/nginx NET_RAW --namespace=shop
case_of 0 "$A explain shop/deploy/web NET_RAW
$B explain shop/deploy/web NET_RAW" '' explain shop/deploy/web NET_RAW
# kubectl's context has the namespace.
FAKE_NAMESPACE=shop case_of 0 "$B profile shop/deployment/web" '' profile deployment/web --node node-2
grep -q 'config view --minify' "$FAKE_LOG" || { echo "FAILED: the context's namespace was not queried" && failed=$((failed + 1)); }
# Without a workload every node.
case_of 0 "$A status
$B status" 'node node-2:' status
case_of 0 "$A list --all -n shop
$B list --all -n shop" '' list --all -n shop
case_of 0 "$A profile web" '' profile web --node node-1
case_of 0 "$A profile shop/deploy/free
$B profile shop/deploy/free" 'node node-1:' profile deploy/free -n shop
case_of 0 "$A profile shop/cronjob/nightly
$B profile shop/cronjob/nightly" 'node node-2:' profile cronjob/nightly -n shop
case_of 0 "$A minimize --plan k8s shop/deploy/web" '' minimize --plan k8s deploy/web -n shop --node node-1
case_of 0 "$A status
$B status" '' --context other status
FAKE_CAPMON=tools case_of 0 "$A status
$B status" '' --capmon-namespace tools status
# The exit code is capmon's.
FAKE_CODE=5 case_of 5 "$A profile shop/deploy/web --strict
$B profile shop/deploy/web --strict" '' profile deploy/web --strict -n shop
# What is not there is a sentence.
case_of 3 '' 'no capmond runs on node node-3' profile deploy/lonely -n shop
case_of 4 '' 'deploy/idle has no running pod in the namespace shop' profile deploy/idle -n shop
case_of 4 '' 'deployments.apps "none" not found' profile deploy/none -n shop
case_of 6 '' 'is forbidden' profile deploy/web -n locked
case_of 3 '' 'no pod of capmond runs in the namespace elsewhere' --capmon-namespace elsewhere status
FAKE_DOWN=yes case_of 3 '' 'the cluster cannot be queried: The connection to the server' status
FAKE_DOWN=yes case_of 3 '' 'the cluster cannot be queried: The connection to the server' profile deploy/web -n shop
case_of 3 '' 'context "none" does not exist' --context none status
# What cannot work is refused before anything is queried.
: >"$FAKE_LOG"
case_of 2 '' 'check works with files' check -f deploy/
case_of 2 '' 'minimize starts containers' minimize --docker web
case_of 2 '' '--node needs a value' status --node
case_of 2 '' '-n needs a workload' status -n shop
case_of 2 '' 'kubectl capmon [OPTIONS] COMMAND'
[[ ! -s $FAKE_LOG ]] || { echo "FAILED: the cluster was queried: $(<"$FAKE_LOG")" && failed=$((failed + 1)); }
case_of 2 '' 'watch does not end, and 2 nodes would be queried: choose one with --node: node-1, node-2' watch
for watching in '-A -w' -Aw '-aw' --watch --watch=true; do
  # shellcheck disable=SC2086 # several words
  case_of 2 '' 'list does not end, and 2 nodes' list $watching
done
case_of 0 "$A alerts -f" '' alerts -f --node node-1

# The manifest for krew: what is in the archive that its comment makes.
top=$here/../..
python3 - "$top/deploy/kubectl/capmon.yaml" "$(sed -nE 's/^project\(capmon VERSION ([0-9.]+).*/\1/p' "$top/CMakeLists.txt")" <<'PYTHON' && passed=$((passed + 1)) || failed=$((failed + 1))
import re, sys, yaml
manifest = yaml.safe_load(open(sys.argv[1]))
assert manifest["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2" and manifest["kind"] == "Plugin"
spec = manifest["spec"]
assert manifest["metadata"]["name"] == "capmon" and spec["version"] == "v" + sys.argv[2], spec["version"]
assert len(spec["shortDescription"]) <= 50, "krew prints 50 characters"
(platform,) = spec["platforms"]
assert platform["bin"] == "kubectl-capmon" and {one["from"] for one in platform["files"]} == {"kubectl-capmon", "LICENSE"}
assert re.fullmatch("[0-9a-f]{64}", platform["sha256"])
PYTHON

# kubectl itself finds it, and gives it the words after `capmon`.
if [[ -n ${1-} ]]; then
  # shellcheck source=tools.sh
  . "$here/tools.sh"
  kubernetes_tools "$1"
  if said=$(PATH=$here/fake:$(dirname "$plugin"):$PATH "${kubectl:?}" capmon status 2>/dev/null) &&
    [[ $said == "$A status"$'\n'"$B status" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: kubectl capmon status, by kubectl: $said"
  fi
fi
echo "$passed passed, $failed failed"
((failed == 0))
