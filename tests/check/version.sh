#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# version.sh VERSION PROGRAM...: the programs and what deploys them have the version of CMakeLists.txt.
. "$(dirname "$0")/files.sh"

version=$1
shift
for program in "$@"; do
  [[ $("$program" --version) == *" $version" ]] || problem "$program --version is not $version"
done
names_version() {
  grep -q "^ *$2: $version\$" "$1" || problem "$1: $2 is not $version"
}
names_version deploy/kubernetes/base/kustomization.yaml newTag
names_version deploy/helm/capmon/Chart.yaml version
names_version deploy/helm/capmon/Chart.yaml appVersion
[[ $(head -n 1 deploy/packages/changelog) == "capmon ($version-"* ]] ||
  problem "deploy/packages/changelog: does not begin with version $version"
while IFS=: read -r file tag; do
  [[ $tag == "$version" ]] || problem "$file: names the image capmon:$tag, and this is $version"
done < <(grep -roP --include='*.md' 'capmon:\K\d+\.\d+\.\d+' README.md docs)
finish
