#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs, builds and runs every test tier, from nothing.
#   tests/run.sh [TIER...]     tiers: check unit replay api fuzz sinks e2e live vm corpus
#   tests/run.sh all           these with every fuzzer, and tidy, asan, tsan and arm64
#   tests/run.sh --only NAME   the tests whose name matches, with no more built than they need:
#                              live.keep_test, text_test, 'NonRoot.*Root'
# From any directory. CAPMON_BUILD=DIRECTORY builds there instead of in build/ of the source, which
# then need not be writable.
# asan is unit, replay and api once more with the address and undefined-behaviour sanitizers, tsan the
# same with the thread sanitizer, built by clang. tidy is clang-tidy on the pure core. arm64 cross-compiles both
# programs and runs them, emulated, and on a kernel for arm64. fuzz gives generated
# input to parsers of bytes that others write; CAPMON_FUZZ_SECONDS says how long each fuzzer runs. Without
# arguments only the fuzzers of alerts and of capmond.yaml run, a minute each, as they build fast.
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

default="check unit replay api fuzz sinks e2e live vm corpus"
extra="tidy asan tsan arm64"
fuzzers=(all) fuzz_names=.
tiers=("$@")
only=
if [[ ${1-} == --only ]]; then
  only=${2:?tests/run.sh --only NAME: which tests?}
  tiers=()
elif ((${#tiers[@]} == 0)); then
  read -ra tiers <<<"$default"
  fuzzers=(fuzz_alert fuzz_native_alert fuzz_settings) fuzz_names='alert$|settings$'
  export CAPMON_FUZZ_SECONDS=${CAPMON_FUZZ_SECONDS:-60}
elif [[ $* == all ]]; then
  read -ra tiers <<<"$default $extra"
  export CAPMON_FUZZ_SECONDS=${CAPMON_FUZZ_SECONDS:-60}
fi
for tier in "${tiers[@]}"; do
  if [[ " $default $extra " != *" $tier "* ]]; then
    echo "there is no test tier '$tier'; there are: $default $extra, and all" >&2
    exit 2
  fi
done
wants() { [[ " ${tiers[*]} " == *" $1 "* ]]; }
rm -rf "$results"
mkdir -p "$logs"
. deploy/steps.sh

if ((EUID == 0)); then
  step packages "Installing the packages to build and test" \
    deploy/install-packages.sh build packages container docker test
  [[ ! -r /sys/kernel/btf/vmlinux ]] || export CAPMON_REQUIRE_LIVE=1
else
  say "  Not root: nothing is installed, and tests that need root are skipped."
fi
if [[ -n $only ]]; then
  . tests/only.sh
  run_only "$only"
  exit
fi
if [[ " ${tiers[*]} " =~ \ (check|unit|replay|api|sinks|e2e|live|vm|corpus|tidy|arm64)\  ]]; then
  step build "Building capmon and its tests (minutes the first time)" configure_and_build ci "$build"
fi
if wants fuzz; then
  step build-fuzz "Building the fuzzers (minutes the first time)" \
    build_targets fuzz "$top/fuzz" "${fuzzers[@]}"
fi
# Tests are skipped where the tools or libraries for it cannot be had.
build_for_arm64() {
  ((EUID != 0)) || deploy/install-packages.sh arm64 >"$logs/arm64.log" 2>&1 || true
  if ! command -v aarch64-linux-gnu-g++ >/dev/null; then
    say "  There is no compiler for arm64 (g++-aarch64-linux-gnu): its tests are skipped."
  elif cmake/arm64_sysroot.sh "$top/arm64-sysroot" 2>"$logs/arm64-sysroot.log"; then
    step build-arm64 "Building capmon for arm64 (minutes the first time)" \
      configure_and_build arm64 "$top/arm64" -DCAPMON_SYSROOT="$top/arm64-sysroot"
  elif (($? == 77)); then
    say "  There are $(tail -n 1 "$logs/arm64-sysroot.log"): the tests for arm64 are skipped."
  else
    fail "cmake/arm64_sysroot.sh failed: $(tail -n 1 "$logs/arm64-sysroot.log")"
  fi
}
! wants arm64 || build_for_arm64
for sanitized in asan tsan; do
  ! wants $sanitized || step build-$sanitized "Building the $sanitized tier (minutes the first time)" \
    configure_and_build $sanitized "$top/$sanitized"
done

# run_tier TIER DIRECTORY LABELS [NAMES]: the ctest tests with these labels; their XML goes to
# results/TIER/.
run_tier() {
  local tier=$1 directory=$2 labels=$3 names=${4:-.} jobs=1
  [[ ! $tier =~ ^(unit|replay|api|fuzz|asan|tsan|check|vm)$ ]] || jobs=$(nproc)
  mkdir -p "$results/$tier"
  GTEST_OUTPUT="xml:$results/$tier/" ctest --test-dir "$directory" -L "^($labels)\$" -R "$names" -j "$jobs" \
    --no-tests=error --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
    --output-on-failure --output-junit "$results/$tier/ctest.xml" \
    >"$logs/$tier.log" 2>&1 </dev/null || true
  tests/report.py "$results" line "$tier" && return
  echo "--- from $logs/$tier.log" >&2
  tail -n 60 "$logs/$tier.log" >&2
}

for tier in "${tiers[@]}"; do
  case $tier in
    fuzz) run_tier fuzz "$top/fuzz" fuzz "$fuzz_names" ;;
    asan | tsan) run_tier "$tier" "$top/$tier" 'unit|replay|api' ;;
    *) run_tier "$tier" "$build" "$tier" ;;
  esac
done
say
tests/report.py "$results" table "${tiers[@]}"
