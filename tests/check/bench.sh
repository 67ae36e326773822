#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh PROGRAM...: tests/bench/run.sh lists its parts, and writes results and a document. Measures
# with these programs only what takes a second.
. "$(dirname "$0")/files.sh"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
help=$(tests/bench/run.sh --help)
for part in tests/bench/part_*.py; do
  name=$(basename "$part" .py)
  grep -qE "^  ${name#part_} " <<<"$help" || problem "tests/bench/run.sh --help does not list ${name#part_}"
done
CAPMON_BIN_DIR=$(dirname "$1") tests/bench/run.sh --quick --only size --out "$out" >"$out/log" 2>&1 ||
  problem "tests/bench/run.sh --quick --only size: $(tail -n 5 "$out/log")"
jq -e '.quick and .parts.size.result.programs.capmond.stripped > 0 and .parts.size.host.kernel != ""' \
  "$out/results.json" >/dev/null || problem "results.json lacks the part 'size'"
grep -q '^## Size' "$out/performance.md" || problem "performance.md lacks the part 'size'"
finish
