# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh for --only NAME.

: "${build:?set it to the build directory before sourcing this file}"

# one_of NAME...: prints a regular expression that matches exactly these names.
one_of() {
  local names
  printf -v names '|%s' "${@//./\\.}"
  printf '^(%s)$' "${names:1}"
}

# named PATTERN: prints the ctest tests with matching names, one per line.
named() { ctest --test-dir "$build" -N -R "$1" | sed -nE 's/^ *Test +#[0-9]+: //p'; }

# with_case PATTERN: prints the ctest tests whose files have a matching GoogleTest case.
with_case() {
  local pattern=${1#\*/} files
  mapfile -t files < <(grep -rlE --include='*_test.cc' \
    "^TEST(_F|_P)?\(.*${pattern/./, .*}" tests | sed -E 's#.*/(.*)\.cc#\1#')
  ((${#files[@]} == 0)) || named "\.$(one_of "${files[@]}" | tr -d '^')"
}

# build_for TEST...: builds what these tests need; everything for a test without such a list.
build_for() {
  local test targets=()
  for test in "$@"; do
    grep -qE "^$test( |\$)" "$build/test-needs.txt" || targets+=(all)
    mapfile -t -O ${#targets[@]} targets < <(awk -v test="$test" '$1 == test && NF > 1 {print $2}' \
      "$build/test-needs.txt")
  done
  ((${#targets[@]} == 0)) || cmake --build "$build" --target "${targets[@]}"
}

run_only() {
  local tests filter=()
  step configure "Configuring" configure ci "$build"
  mapfile -t tests < <(named "$1")
  if ((${#tests[@]} == 0)); then
    mapfile -t tests < <(with_case "$1")
    filter=(GTEST_FILTER="*${1//.\*/*}*")
  fi
  ((${#tests[@]} > 0)) || fail "No test has '$1' in its name; ctest --test-dir $build -N lists them."
  step build "Building what ${#tests[@]} test(s) need" build_for "${tests[@]}"
  env "${filter[@]}" ctest --test-dir "$build" -R "$(one_of "${tests[@]}")" --verbose |
    grep -vE '^(UpdateCTest|Test command|Working Directory|Environment variables|Test timeout)'
}
