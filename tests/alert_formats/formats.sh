#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# formats.sh WRITER WORK: alerts in every format are valid by the published schemas; with the packages
# of package-lock.json, in WORK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
writer=$1 work=$2
. "$here/../npm_packages.sh"
npm_packages "$here" "$work"
"$writer" "$work"
python3 "$here/valid_alerts.py" "$work"
cp "$here/ecs.mjs" "$work/"
cd "$work"
node ecs.mjs
