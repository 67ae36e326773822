#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# manual.sh BIN WORK [DOCUMENT...]: runs the command blocks of README.md and docs/ with the programs in BIN; tools of
# Kubernetes are unpacked in WORK.
set -euo pipefail
bin=$(realpath "$1") work=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
for program in dockerd python3 curl nginx busybox setpriv unshare ip; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed"
    exit 77
  }
done
# shellcheck source=../kubernetes/tools.sh
. "$here/../kubernetes/tools.sh"
kubernetes_tools "$work"
export CAPMON_TEST_KUBECTL=${kubectl:?} CAPMON_TEST_HELM=${helm:?} CAPMON_BIN_DIR=$bin PYTHONDONTWRITEBYTECODE=1
exec "$here/run_blocks.py" "$@"
