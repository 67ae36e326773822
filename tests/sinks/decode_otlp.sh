#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# decode_otlp.sh WORK FILE...: decode_otlp.mjs with its packages in WORK. Ends with 77 without node.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
. "$here/../npm_packages.sh"
npm_packages "$here" "$work" >&2
cd "$work"
node "$here/decode_otlp.mjs" "$@"
