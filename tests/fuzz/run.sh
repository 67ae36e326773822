#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh FUZZER CORPUS: gives it generated input for $CAPMON_FUZZ_SECONDS, 5 if unset. What it finds is
# left beside the program; what it learned goes to a directory that is not the committed corpus.
set -euo pipefail
fuzzer=$1 corpus=$2
learned=$(mktemp -d)
trap 'rm -rf "$learned"' EXIT
"$fuzzer" "$learned" "$corpus" -max_total_time="${CAPMON_FUZZ_SECONDS:-5}" -timeout=10 -rss_limit_mb=2048 \
  -max_len=4096 -artifact_prefix="$fuzzer-" -print_final_stats=1 -verbosity=1 2>&1 | tail -n 60
