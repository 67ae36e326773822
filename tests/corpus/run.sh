#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The accuracy corpus: real software in real containers, capmon's advice against measured truth.
# Usage: tests/corpus/run.sh [--fast] [CASE...]; see README.md and --help.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec env PYTHONDONTWRITEBYTECODE=1 python3 "$here/corpus.py" "$@"
