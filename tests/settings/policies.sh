#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# policies.sh WRITER WORK: the tests in JavaScript, with the packages of package-lock.json, in WORK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
writer=$1 work=$2
. "$here/../npm_packages.sh"
npm_packages "$here" "$work"
cp "$here"/*.mjs "$here"/*.schema.json "$work/"
cd "$work"
for tests in schemas policies; do
  node "$tests.test.mjs" "$writer" "$here/profiles" "$work"
done
