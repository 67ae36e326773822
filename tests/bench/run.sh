#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures what capmon costs: builds, runs the parts, prints tables, and writes results.json and
# docs/performance.md. Asserts no time. `run.sh --help` lists the parts and options.
# As root, on a machine that does nothing else. CAPMON_BIN_DIR=DIRECTORY measures the programs there
# instead of building them.
set -euo pipefail
cd -P "$(dirname "$0")/../.."

if [[ -z ${CAPMON_BIN_DIR-} && " $* " != *" --help "* ]]; then
  top=${CAPMON_BUILD:-$PWD/build}
  logs=$top/bench/logs
  mkdir -p "$logs"
  . deploy/steps.sh
  mapfile -t programs < <(tests/bench/bench.py --programs)
  ((EUID != 0)) || step packages "Installing the packages to build and measure" \
    deploy/install-packages.sh build container test bench
  step build "Building (minutes the first time)" build_targets ci "$top/release" "${programs[@]}"
  export CAPMON_BIN_DIR=$top/release/bin
fi
exec tests/bench/bench.py "$@"
