#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# reports.sh CAPMON WORK: SARIF and profile files are valid by their published schemas, and JUnit is
# read by a reader of others; with the packages of package-lock.json, in WORK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
capmon=$1 work=$2
. "$here/../npm_packages.sh"
npm_packages "$here" "$work"
cd "$here"

# check FORMAT: fails as it should, since some of the manifests are bad.
check() {
  local code=0
  "$capmon" check -f cases --profiles profiles.yaml -o "$1" >"$work/report.$1" || code=$?
  [[ $code == 1 ]] || {
    echo "capmon check -o $1 exits with $code"
    exit 1
  }
}
check sarif
check junit
check json
"$capmon" merge profiles.yaml -o json >"$work/profiles.json"
python3 valid_reports.py "$work"
cp junit_reader.mjs "$work/" && cd "$work" && node junit_reader.mjs
