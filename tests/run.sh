#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs, builds and runs every test tier, from nothing.
#   tests/run.sh [TIER...]     tiers: check unit replay api e2e live vm corpus; asan when asked for
# From any directory. CAPMON_BUILD=DIRECTORY builds there instead of in build/ of the source, which
# then need not be writable.
# asan is unit, replay and api once more, built with the address and undefined-behaviour sanitizers.
# As root on a kernel with BTF the live tier must run: what cannot is a failure there, not a skip. The
# vm tier skips where qemu is missing or no kernel can be fetched, and says which.
set -euo pipefail
top=${CAPMON_BUILD:-}
[[ -z $top ]] || top=$(realpath -m "$top")
cd -P "$(dirname "$0")/.."
top=${top:-$PWD/build}

build=$top/release
results=$top/results
export CAPMON_RESULTS=$results
logs=$results/logs
rm -rf "$results"
mkdir -p "$logs"
. deploy/steps.sh

tiers=("$@")
((${#tiers[@]} > 0)) || tiers=(check unit replay api e2e live vm corpus)
for tier in "${tiers[@]}"; do
  case $tier in
    check | unit | replay | api | e2e | live | vm | corpus | asan) ;;
    *)
      echo "there is no test tier '$tier'; there are: check unit replay api e2e live vm corpus asan" >&2
      exit 2
      ;;
  esac
done
wants() { [[ " ${tiers[*]} " == *" $1 "* ]]; }

if ((EUID == 0)); then
  step packages "Installing what it takes to build and test" \
    deploy/install-packages.sh build container docker test
  [[ ! -r /sys/kernel/btf/vmlinux ]] || export CAPMON_REQUIRE_LIVE=1
else
  say "  Not root: nothing is installed, and tests that need root are skipped."
fi
step build "Building capmon and its tests (minutes the first time)" configure_and_build release "$build"
if wants asan; then
  step build-asan "Building with sanitizers (minutes the first time)" \
    configure_and_build asan "$top/asan"
fi

# run_tier TIER DIRECTORY LABELS: the ctest tests with these labels; their XML goes to results/TIER/.
run_tier() {
  local tier=$1 directory=$2 labels=$3 jobs=1
  [[ ! $tier =~ ^(unit|replay|api|asan|check|vm)$ ]] || jobs=$(nproc)
  mkdir -p "$results/$tier"
  GTEST_OUTPUT="xml:$results/$tier/" ctest --test-dir "$directory" -L "^($labels)\$" -j "$jobs" \
    --no-tests=error --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
    --output-on-failure --output-junit "$results/$tier/ctest.xml" \
    >"$logs/$tier.log" 2>&1 </dev/null || true
  tests/report.py "$results" line "$tier" && return
  echo "--- from $logs/$tier.log" >&2
  tail -n 60 "$logs/$tier.log" >&2
}

for tier in "${tiers[@]}"; do
  case $tier in
    asan) run_tier asan "$top/asan" 'unit|replay|api' ;;
    *) run_tier "$tier" "$build" "$tier" ;;
  esac
done
say
tests/report.py "$results" table "${tiers[@]}"
