#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# version.sh VERSION PROGRAM...: the programs and what deploys them have the version of CMakeLists.txt.
. "$(dirname "$0")/files.sh"

version=$1
shift
for program in "$@"; do
  [[ $("$program" --version) == *" $version" ]] || problem "$program --version is not $version"
done
grep -q "newTag: $version\$" deploy/kubernetes/kustomization.yaml ||
  problem "deploy/kubernetes/kustomization.yaml: newTag is not $version"
while IFS=: read -r file tag; do
  [[ $tag == "$version" ]] || problem "$file: names the image capmon:$tag, and this is $version"
done < <(grep -roP --include='*.md' 'capmon:\K\d+\.\d+\.\d+' README.md docs)
finish
