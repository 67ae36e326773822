#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The live tests on other kernels and cgroup layouts, in virtual machines; see --help and
# docs/kernels.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec env PYTHONDONTWRITEBYTECODE=1 python3 "$here/vm.py" "$@"
