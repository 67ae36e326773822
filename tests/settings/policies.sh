#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# policies.sh WRITER WORK: the tests in JavaScript, with the packages of package-lock.json, in WORK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
writer=$1 work=$2
for program in node npm; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed"
    exit 77
  }
done
mkdir -p "$work"
if ! cmp -s "$here/package-lock.json" "$work/installed"; then
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$here/package-lock.json" "$work/installed"
fi
cp "$here"/*.mjs "$here"/*.schema.json "$work/"
cd "$work"
for tests in schemas policies; do
  node "$tests.test.mjs" "$writer" "$here/profiles" "$work"
done
